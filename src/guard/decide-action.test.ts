import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { permitAll, sampleFinding, sampleInputs, samplePolicy } from '../../test/support/sample-inputs.ts'
import { openLedger } from '../domain/budget.ts'
import type { DecisionInputs } from '../domain/decision.ts'
import type { PolicyDocument, PolicyVersion } from '../domain/policy.ts'
import { decideAction } from './decide-action.ts'
import { createPolicyEngine } from './policy/create-policy-engine.ts'

const { evaluate } = createPolicyEngine()
const decide = (version: PolicyVersion, given: Partial<DecisionInputs> = {}, argumentsText = '{}') =>
  decideAction(version, sampleInputs(given), argumentsText, evaluate)

const strictDocument: Partial<PolicyDocument> = {
  forbidden: ['network:smtp:*'],
  content: { personal_data: 'redact', secrets: 'block', blocked_keywords: ['mnpi'] },
  closed_sinks: { phi: ['network', 'email'], sealed: ['*'] },
  approvals: { categories: ['send_email'], tools: ['wire_money'] },
}
const noSending =
  '@id("no_sending") @reason("Nothing is sent at night.") forbid (principal, action == Action::"send", resource);'
const policy = samplePolicy(strictDocument, `${permitAll}\n${noSending}`)

/** What makes each gate deny, and the rules that it then names; in the order of the gates. */
const gates = [
  { gate: 'capability', given: { granted: ['filesystem:read'] }, rules: ['capability'] },
  { gate: 'policy', given: { access: 'send' }, rules: ['policy:no_sending'] },
  { gate: 'sinks', given: { labels: ['phi'] }, rules: ['sink_closed:phi'] },
  { gate: 'content', given: { findings: [sampleFinding('keyword')] }, rules: ['content:keyword'] },
  // The budget is checked before a person is asked, so that nobody approves what is then denied.
  { gate: 'budget', given: { cost_micros_usd: 1_000_001 }, rules: ['budget'] },
  { gate: 'approval', given: { approval_categories: ['send_email'] }, rules: ['approval_required'] },
] as const

const answerOf = ({ gate }: (typeof gates)[number]) => (gate === 'approval' ? 'ask' : 'deny')

describe('the gates', () => {
  test('an action that passes all is allowed by the rules that let it pass', () => {
    expect(decide(policy)).toEqual({
      answer: 'allow',
      rules: ['capability', 'policy:permit_all'],
      reason: 'The policy sample allows it.',
    })
  })

  test.each(gates)('$gate alone decides', (gate) => {
    expect(decide(policy, gate.given)).toMatchObject({ answer: answerOf(gate), rules: gate.rules })
  })

  test('of all that deny or ask, the first decides and the later ones are not named', () => {
    for (let subset = 0; subset < 2 ** gates.length; subset += 1) {
      const closed = gates.filter((_, index) => (subset >> index) % 2 === 1)
      const given = Object.assign({}, ...closed.map((one) => one.given))
      const { answer, rules } = decide(policy, given)
      const [first] = closed
      expect(answer).toBe(first === undefined ? 'allow' : answerOf(first))
      if (first !== undefined) expect(rules).toEqual(first.rules)
    }
  })

  test('policies are not evaluated for an action without its capabilities', () => {
    let asked = 0
    const counting = (...args: Parameters<typeof evaluate>) => {
      asked += 1
      return evaluate(...args)
    }
    decideAction(policy, sampleInputs({ granted: [] }), '{}', counting)
    expect(asked).toBe(0)
    decideAction(policy, sampleInputs(), '{}', counting)
    expect(asked).toBe(1)
  })

  test('the same inputs give the same decision', () => {
    for (const { given } of gates) expect(decide(policy, given)).toEqual(decide(policy, given))
  })
})

describe('capability', () => {
  test('what is missing is named, what is held too', () => {
    const { reason } = decide(policy, { required: ['a:b', 'email:send'], granted: ['a:*'] })
    expect(reason).toContain('needs email:send, which')
    expect(reason).toContain('It was granted a:*.')
    expect(decide(policy, { granted: [] }).reason).toContain('granted nothing')
  })

  test('a grant does not cover what the policy forbids, all of it or a part', () => {
    for (const wanted of ['network:smtp:send', 'network:*']) {
      expect(decide(policy, { required: [wanted], granted: ['*'] })).toMatchObject({
        answer: 'deny',
        rules: ['capability', 'forbidden_by_policy'],
        reason: `The tool fetch_url needs ${wanted}, which the policy sample forbids to every run.`,
      })
    }
    expect(decide(policy, { required: ['network:http:read'], granted: ['network:*'] }).answer).toBe('allow')
  })
})

describe('policy', () => {
  test('a rule that forbids is named with what it says of itself', () => {
    expect(decide(policy, { access: 'send' }).reason).toBe(
      'The policy sample forbids this call of fetch_url (no_sending). Nothing is sent at night.',
    )
  })

  test('what no rule permits, and what cannot be evaluated, is denied', () => {
    expect(decide(samplePolicy({}, ''))).toMatchObject({ answer: 'deny', rules: ['policy:default_deny'] })
    const broken = samplePolicy({}, `${permitAll} forbid (principal, action, resource) when { ip("x").isLoopback() };`)
    expect(decide(broken)).toMatchObject({ answer: 'deny', rules: ['policy:evaluation_error'] })
  })

  test('an evaluation that allows in spite of errors is not believed', () => {
    const evaluation = { allowed: true, rules: ['policy:x'], reasons: [], asks: ['why'], errors: ['y: skipped'] }
    expect(decideAction(policy, sampleInputs(), '{}', () => evaluation).answer).toBe('deny')
  })
})

describe('sinks', () => {
  test.each([
    [['phi'], ['network'], ['sink_closed:phi']],
    [['phi'], ['files', 'email'], ['sink_closed:phi']],
    [['phi'], ['files'], undefined],
    [['phi'], [], undefined],
    [['sealed'], ['anywhere'], ['sink_closed:sealed']],
    [['sealed'], [], undefined],
    [['other'], ['network'], undefined],
    [['phi', 'sealed'], ['network'], ['sink_closed:phi', 'sink_closed:sealed']],
    [['constructor', '__proto__'], ['network'], undefined],
  ])('after %j, %j is decided by %j', (labels, sinks, rules) => {
    const decision = decide(policy, { labels, sinks })
    expect(decision.answer).toBe(rules === undefined ? 'allow' : 'deny')
    if (rules !== undefined) expect(decision.rules).toEqual(rules)
  })

  test('a closed sink refuses whatever the arguments are', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.constantFrom('ssn', 'email')), (argumentsText, detectors) => {
        const given = { labels: ['phi'], findings: detectors.map(sampleFinding) }
        expect(decide(policy, given, argumentsText).rules).toEqual(['sink_closed:phi'])
      }),
    )
  })
})

describe('content', () => {
  test('what is redacted is named by an action that is allowed', () => {
    expect(decide(policy, { findings: ['ssn', 'ssn', 'email'].map(sampleFinding) })).toEqual({
      answer: 'allow',
      rules: ['capability', 'policy:permit_all', 'content:ssn', 'content:email'],
      reason: 'The policy sample allows it. What it has redacted stands replaced.',
    })
  })

  test('what is blocked is named by one that is denied', () => {
    const findings = ['ssn', 'secret:aws', 'keyword'].map(sampleFinding)
    expect(decide(policy, { findings }).rules).toEqual(['content:secret:aws', 'content:keyword'])
  })

  test('what is allowed is not named, and nothing is said of stand-ins', () => {
    const findings = ['ssn', 'secret:aws', 'encoded_too_deep'].map(sampleFinding)
    expect(decide(samplePolicy(), { findings })).toEqual(decide(samplePolicy()))
  })

  test('what is encoded too deep is denied where a keyword is blocked, since it may hold one', () => {
    const findings = [sampleFinding('encoded_too_deep')]
    const content = { personal_data: 'redact', secrets: 'allow', blocked_keywords: [] } as const
    expect(decide(samplePolicy({ content }), { findings }).answer).toBe('allow')
    const watchful = samplePolicy({ content: { ...content, blocked_keywords: ['mnpi'] } })
    expect(decide(watchful, { findings })).toMatchObject({ answer: 'deny', rules: ['content:encoded_too_deep'] })
  })
})

describe('approval', () => {
  test('a tool that is named needs it whatever its categories are', () => {
    expect(decide(policy, { tool: 'wire_money' })).toMatchObject({
      rules: ['approval_required'],
      answer: 'ask',
      reason: 'The policy sample wants a person to approve every call of wire_money.',
    })
    expect(decide(policy, { approval_categories: ['data_export'] }).answer).toBe('allow')
  })

  const approval = {
    prompt: 'prompt-1',
    outcome: 'approved',
    by: 'user-2',
    statement: `sha256:${'1'.repeat(64)}`,
    arguments: `sha256:${'2'.repeat(64)}`,
    labels: ['phi'],
  } as const
  const given = { approval_categories: ['send_email'], labels: ['phi'], sinks: [] }

  test('what a person approved passes, and names that', () => {
    const decision = decide(policy, { ...given, approval })
    expect(decision).toMatchObject({ answer: 'allow', rules: ['capability', 'policy:permit_all', 'approval'] })
  })

  test.each([
    ['denied', 'approval_denied'],
    ['expired', 'approval_expired'],
  ] as const)('what was %s is denied for that', (outcome, rule) => {
    expect(decide(policy, { ...given, approval: { ...approval, outcome } })).toMatchObject({
      answer: 'deny',
      rules: [rule],
    })
  })

  test('an approval holds for the labels that it was given under only', () => {
    for (const labels of [[], ['mnpi'], ['mnpi', 'phi']]) {
      expect(decide(policy, { ...given, labels, approval })).toMatchObject({
        answer: 'ask',
        rules: ['approval_required', 'approval_outdated'],
      })
    }
  })

  test('an approval opens no other gate', () => {
    for (const { gate, given: closed, rules } of gates) {
      if (gate === 'approval' || gate === 'sinks') continue
      expect(decide(policy, { ...given, labels: [], ...closed, approval: { ...approval, labels: [] } })).toMatchObject({
        answer: 'deny',
        rules,
      })
    }
  })

  test('where nothing has to be approved an answer changes nothing', () => {
    expect(decide(policy, { approval: { ...approval, outcome: 'denied' } }).answer).toBe('allow')
  })
})

describe('budget', () => {
  const ledger = {
    ...openLedger({ micros_usd: 100, tokens: 0, steps: 0 }),
    spent: { micros_usd: 50, tokens: 9, steps: 9 },
    reserved: { micros_usd: 20, tokens: 0, steps: 0 },
    lent: { micros_usd: 10, tokens: 0, steps: 0 },
  }

  test('a call costs at most what is neither spent nor reserved nor lent', () => {
    fc.assert(
      fc.property(fc.nat({ max: 40 }), (cost) => {
        expect(decide(policy, { ledger, cost_micros_usd: cost }).answer).toBe(cost <= 20 ? 'allow' : 'deny')
      }),
    )
    expect(decide(policy, { ledger, cost_micros_usd: 21 }).reason).toBe(
      "A call of fetch_url costs 21 micro-dollars, and 20 are left of the task's budget.",
    )
  })

  test('what costs nothing passes an empty and an overdrawn budget', () => {
    const overdrawn = { ...ledger, spent: { micros_usd: 500, tokens: 0, steps: 0 } }
    expect(decide(policy, { ledger: overdrawn }).answer).toBe('allow')
    expect(decide(policy, { ledger: overdrawn, cost_micros_usd: 1 }).reason).toContain('0 are left')
  })
})

describe('reasons', () => {
  const wide = samplePolicy(
    {
      forbidden: ['network:smtp:*', 'network:ftp:*'],
      content: { personal_data: 'block', secrets: 'block', blocked_keywords: [] },
      closed_sinks: { phi: ['*'], mnpi: ['*'] },
      approvals: { categories: ['send_email', 'data_export'], tools: [] },
    },
    `${permitAll} @id("a") forbid (principal, action, resource) when { context.cost_micros_usd == 7 };
    @id("b") forbid (principal, action, resource) when { context.cost_micros_usd == 7 };`,
  )

  test.each<[string, Partial<DecisionInputs>, string]>([
    [
      'what was not examined',
      { findings: [sampleFinding('ssn'), sampleFinding('unexamined')] },
      'The arguments of this call of fetch_url could not be examined within the limits of the server, and so it is not allowed. Shorter arguments may pass.',
    ],
    [
      'capabilities that are missing',
      { required: ['a:b', 'c:d', 'e:f'], granted: ['a:b', 'g:h'] },
      'The tool fetch_url needs c:d, e:f, which this run was not granted. It was granted a:b, g:h.',
    ],
    [
      'capabilities that are forbidden',
      { required: ['network:smtp:send', 'network:ftp:send', 'a:b'] },
      'The tool fetch_url needs network:smtp:send, network:ftp:send, which the policy sample forbids to every run.',
    ],
    ['rules that forbid', { cost_micros_usd: 7 }, 'The policy sample forbids this call of fetch_url (a, b).'],
    [
      'labels that close sinks',
      { labels: ['phi', 'other', 'mnpi'], sinks: ['network', 'email'] },
      'This run has read what is labelled phi, mnpi, and fetch_url can pass on what it is given to network, email: ' +
        'the policy sample closes that to it. Tools that keep what they are given within the task are still open.',
    ],
    [
      'what is blocked',
      { findings: ['ssn', 'email'].map(sampleFinding) },
      'The arguments hold what the policy sample blocks: ssn, email. Without it the call may pass.',
    ],
    [
      'what has to be approved',
      { approval_categories: ['send_email', 'publish', 'data_export'] },
      'The policy sample wants a person to approve every send_email, data_export.',
    ],
  ])('name %s, all of it', (_what, given, reason) => {
    expect(decide(wide, given)).toMatchObject({ reason })
  })

  test.each([
    ['read', 'read'],
    ['write', 'write'],
    ['fetch', 'fetch from outside the task'],
    ['send', 'send out of the task'],
    ['execute', 'run a program'],
    ['other', 'do what it does not declare'],
  ] as const)('say of a tool with the access %s that no rule allows it to %s', (access, words) => {
    expect(decide(samplePolicy({}, ''), { access }).reason).toBe(
      `No rule of the policy sample allows the tool fetch_url to ${words} here.`,
    )
  })

  test('say that a rule could not be evaluated', () => {
    const broken = samplePolicy({}, `${permitAll} forbid (principal, action, resource) when { ip("x").isLoopback() };`)
    expect(decide(broken).reason).toBe(
      'A rule of the policy sample could not be evaluated for this call, and so nothing is allowed.',
    )
  })
})

test('no reason holds anything of the arguments', () => {
  const secret = 'MOST-PRIVATE'
  const given = { host: `${secret}.example`, path: secret }
  for (const one of [{ given: {} }, ...gates]) {
    const decision = decide(policy, { ...given, ...one.given }, JSON.stringify({ secret }))
    expect(JSON.stringify(decision).toUpperCase()).not.toContain(secret)
  }
})
