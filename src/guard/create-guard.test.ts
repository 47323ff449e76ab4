import { describe, expect, test } from 'vitest'
import { createInlineWorkerPool } from '../../test/support/inline-worker-pool.ts'
import { permitAll, sampleInputs, samplePolicy } from '../../test/support/sample-inputs.ts'
import { builtinPolicy } from '../../test/support/test-policies.ts'
import { createSystemClock } from '../clock/system/create-system-clock.ts'
import type { DecisionInputs } from '../domain/decision.ts'
import type { JsonObject } from '../domain/json.ts'
import type { PolicyDocument, PolicyVersion } from '../domain/policy.ts'
import { Refusal } from '../domain/refusal.ts'
import { canonicalText } from '../proof/canonical-json.ts'
import { createWorkerPool } from '../worker-pool/create-worker-pool.ts'
import { createGuard, mayTakeLong } from './create-guard.ts'
import { decideAction } from './decide-action.ts'
import { dependsOnFindings } from './examine-texts.ts'
import { createPolicyEngine } from './policy/create-policy-engine.ts'

const { evaluate } = createPolicyEngine()
const guard = createGuard(evaluate, createInlineWorkerPool())
const salt = 'ab'.repeat(16)
const github = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`
const ssn = '123-45-6789'
const tooDeep = [1, 2, 3, 4, 5, 6].reduce((text) => Buffer.from(text).toString('base64'), 'nothing bad at all')

const policies = {
  default: builtinPolicy('default'),
  hipaa: builtinPolicy('hipaa'),
  sox: builtinPolicy('sox'),
  legal_privilege: builtinPolicy('legal_privilege'),
}

/** By default a call that writes a report within the task: what it holds decides. */
function verify(policy: PolicyVersion, input: JsonObject, given: Partial<DecisionInputs> = {}) {
  const {
    version: _version,
    findings: _findings,
    ...inputs
  } = sampleInputs({
    tool: 'write_file',
    access: 'write',
    required: ['filesystem:write:reports'],
    sinks: [],
    host: null,
    ...given,
  })
  return guard.verify({ policy, inputs, input, text: canonicalText(input), salt })
}

async function inspect(policy: PolicyVersion, output: string) {
  const { findings, ...rest } = await guard.inspect({ policy, output, salt })
  return { ...rest, detectors: findings.map(({ detector }) => detector) }
}

describe('default', () => {
  const sensitive = `${ssn} ${github} insider information ${tooDeep}`

  test('nothing is looked for: arguments and results stay as they are', async () => {
    const { decision, inputs, redacted } = await verify(policies.default, { text: sensitive })
    expect(decision).toMatchObject({ answer: 'allow', rules: ['capability', 'policy:permit_all'] })
    expect(inputs.findings).toEqual([])
    expect(redacted).toBeUndefined()
    expect(await inspect(policies.default, sensitive)).toEqual({ output: sensitive, labels: [], detectors: [] })
  })
})

describe('hipaa', () => {
  test('personal data and secrets in arguments are redacted, and what was found is recorded', async () => {
    const input = { path: 'reports/a.md', content: `Patient ${ssn}, key ${github}`, pages: [1, 2] }
    const { decision, inputs, redacted } = await verify(policies.hipaa, input)
    expect(decision).toMatchObject({ answer: 'allow' })
    expect(decision.rules).toEqual(expect.arrayContaining(['content:ssn', 'content:secret:github']))
    expect(inputs).toMatchObject({ version: 1, findings: [{ detector: 'ssn' }, { detector: 'secret:github' }] })
    expect(redacted).toEqual({
      path: 'reports/a.md',
      content: 'Patient [redacted:ssn], key [redacted:secret:github]',
      pages: [1, 2],
    })
    expect(JSON.stringify({ decision, inputs, redacted })).not.toMatch(/123-45-6789|ghp_/)
  })

  test('arguments in which nothing is found are given as they are', async () => {
    const { decision, redacted } = await verify(policies.hipaa, { path: 'reports/a.md', content: 'All is well.' })
    expect(decision.answer).toBe('allow')
    expect(redacted).toBeUndefined()
  })

  test('identifiers in what goes outward are denied, and no redacted arguments are handed on', async () => {
    const outward = { tool: 'fetch_url', access: 'fetch', required: ['network:http:read'], sinks: ['network'] } as const
    const { decision, redacted } = await verify(policies.hipaa, { url: `https://example.com/?q=${ssn}` }, outward)
    expect(decision).toMatchObject({ answer: 'deny', rules: ['policy:no_identifiers_outward'] })
    expect(redacted).toBeUndefined()
  })

  test('a result is redacted and labels the run, however what it holds is encoded', async () => {
    const redacted = { output: 'SSN [redacted:ssn].', labels: ['phi'], detectors: ['ssn'] }
    expect(await inspect(policies.hipaa, `SSN ${ssn}.`)).toEqual(redacted)
    expect(await inspect(policies.hipaa, `SSN ${Buffer.from(ssn).toString('base64')}.`)).toEqual(redacted)
    const json = await inspect(policies.hipaa, JSON.stringify({ rows: [{ mrn: 'A1234567' }, { n: 4111111111111111 }] }))
    expect(JSON.parse(json.output)).toEqual({
      rows: [{ mrn: '[redacted:mrn]' }, { n: '[redacted:credit_card]' }],
    })
  })

  test('a secret in a result is redacted and brings no label', async () => {
    const { output, labels } = await inspect(policies.hipaa, `key ${github}`)
    expect(output).toBe('key [redacted:secret:github]')
    expect(labels).toEqual([])
  })

  test('a result in which nothing is found stays as it is', async () => {
    expect(await inspect(policies.hipaa, 'All is well.')).toEqual({ output: 'All is well.', labels: [], detectors: [] })
  })
})

describe('sox', () => {
  test('a blocked keyword in arguments denies the call, in any case and through an encoding', async () => {
    for (const text of ['the Unannounced  Merger', Buffer.from('the MNPI of today').toString('base64')]) {
      const { decision, redacted } = await verify(policies.sox, { text })
      expect(decision).toMatchObject({ answer: 'deny', rules: ['content:keyword'] })
      expect(redacted).toBeUndefined()
    }
  })

  test('what is encoded too deep to be read is denied: it may hold a keyword', async () => {
    const { decision } = await verify(policies.sox, { text: tooDeep })
    expect(decision).toMatchObject({ answer: 'deny', rules: ['content:encoded_too_deep'] })
  })

  test('a result with a blocked keyword is withheld as a whole, and labels the run', async () => {
    expect(await inspect(policies.sox, `The MNPI of Joe, ${ssn}: an unannounced merger`)).toEqual({
      output: '[withheld: the policy sox does not let a run see this result (keyword)]',
      labels: ['mnpi'],
      detectors: ['keyword', 'ssn', 'keyword'],
    })
    const deep = await inspect(policies.sox, `see ${tooDeep}`)
    expect(deep.output).toBe('[withheld: the policy sox does not let a run see this result (encoded_too_deep)]')
  })

  test('personal data is allowed', async () => {
    const { decision, redacted } = await verify(policies.sox, { text: ssn })
    expect(decision.answer).toBe('allow')
    expect(redacted).toBeUndefined()
    expect(await inspect(policies.sox, ssn)).toEqual({ output: ssn, labels: [], detectors: ['ssn'] })
  })
})

describe('legal privilege', () => {
  test('personal data in a result is shown, and labels the run', async () => {
    expect(await inspect(policies.legal_privilege, ssn)).toEqual({
      output: ssn,
      labels: ['privileged'],
      detectors: ['ssn'],
    })
  })
})

describe('labels of findings', () => {
  test('come by the detector and by its group, each once, sorted; not from what an object has by birth', async () => {
    const labels_of_findings = { ssn: ['phi', 'a'], personal_data: ['phi', 'b'], secret: ['c'], 'secret:github': ['d'] }
    const policy = samplePolicy({ labels_of_findings })
    expect((await inspect(policy, `${ssn} ${ssn} joe@example.com`)).labels).toEqual(['a', 'b', 'phi'])
    expect((await inspect(policy, 'joe@example.com')).labels).toEqual(['b', 'phi'])
    expect((await inspect(policy, github)).labels).toEqual(['c', 'd'])
    // What cannot be read may be any of them.
    expect((await inspect(policy, `see ${tooDeep}`)).labels).toEqual(['a', 'b', 'c', 'd', 'phi'])
  })

  test('come with a result that is withheld too', async () => {
    const content = { personal_data: 'block', secrets: 'block', blocked_keywords: [] } as const
    const policy = samplePolicy({ content, labels_of_findings: { secret: ['sealed'] } })
    const output = '[withheld: the policy sample does not let a run see this result (secret:github, ssn)]'
    expect(await inspect(policy, `${github} ${ssn} ${github}`)).toEqual({
      output,
      labels: ['sealed'],
      detectors: ['secret:github', 'ssn', 'secret:github'],
    })
    expect(await inspect(policy, `${ssn} ${github}`)).toMatchObject({ output, detectors: ['ssn', 'secret:github'] })
  })
})

test('a text is looked into where something in the policy depends on it, and only there', () => {
  const content = { personal_data: 'allow', secrets: 'allow', blocked_keywords: [] } as const
  const onContent = (over: Partial<PolicyDocument['content']>) => samplePolicy({ content: { ...content, ...over } })
  expect(dependsOnFindings(samplePolicy())).toBe(false)
  expect(dependsOnFindings(onContent({ personal_data: 'redact' }))).toBe(true)
  expect(dependsOnFindings(onContent({ secrets: 'block' }))).toBe(true)
  expect(dependsOnFindings(onContent({ blocked_keywords: ['x'] }))).toBe(true)
  expect(dependsOnFindings(samplePolicy({ labels_of_findings: { ssn: ['phi'] } }))).toBe(true)
  const rule = 'forbid (principal, action, resource) when { context.findings.contains("ssn") };'
  expect(dependsOnFindings(samplePolicy({}, `${permitAll} ${rule}`))).toBe(true)
  expect(dependsOnFindings(samplePolicy({}, `${permitAll} ${rule.replace('findings', '["find\\u{69}ngs"]')}`))).toBe(
    true,
  )
})

test('a rule of the policy sees what was found, where nothing else depends on it', async () => {
  const rule = '@id("no_ssn") forbid (principal, action, resource) when { context.findings.contains("ssn") };'
  const policy = samplePolicy({}, `${permitAll} ${rule}`)
  expect((await verify(policy, { text: ssn })).decision.rules).toEqual(['policy:no_ssn'])
  expect((await verify(policy, { text: 'none' })).decision.answer).toBe('allow')
})

test('the same call gives the same verdict, and redacted arguments have one canonical text', async () => {
  const input = { b: `x ${ssn}`, a: { [ssn]: [true, null, 4111111111111111], z: `"${github}\\n` } }
  const first = await verify(policies.hipaa, input)
  expect(await verify(policies.hipaa, structuredClone(input))).toEqual(first)
  expect(canonicalText(first.redacted)).toBe(
    '{"a":{"[redacted:ssn]":[true,null,"[redacted:credit_card]"],"z":"\\"[redacted:secret:github]\\\\n"},"b":"x [redacted:ssn]"}',
  )
  expect(await verify(policies.hipaa, first.redacted ?? {})).toMatchObject({ redacted: undefined })
  const once = await inspect(policies.hipaa, `${ssn} and ${github}`)
  expect(await inspect(policies.hipaa, `${ssn} and ${github}`)).toEqual(once)
  expect(await inspect(policies.hipaa, once.output)).toEqual({ output: once.output, labels: [], detectors: [] })
})

describe('what may take long', () => {
  const long = `${ssn} ${'word '.repeat(5_000)}`
  const tooLong = new Refusal('limit_exceeded', 'It took too long.', { limit: 'worker_timeout_ms' })
  const failing = (error: Error) => createGuard(evaluate, { run: () => Promise.reject(error) })
  const actionOf = (policy: PolicyVersion, text: string) => {
    const { version: _version, findings: _findings, ...inputs } = sampleInputs({ sinks: [], required: [] })
    return { policy, inputs, input: { text }, text: canonicalText({ text }), salt }
  }

  test('is examined by a worker, with the same outcome as at once', async () => {
    const pool = createWorkerPool({
      name: 'test',
      clock: createSystemClock(),
      threadsMax: 1,
      waitingMax: 10,
      perUserMax: 10,
      timeoutMs: 60_000,
      memoryMb: 512,
    })
    const threaded = createGuard(evaluate, pool)
    try {
      const action = actionOf(policies.hipaa, long)
      expect(await threaded.verify(action)).toEqual(await guard.verify(action))
      const result = { policy: policies.hipaa, output: long, salt }
      expect(await threaded.inspect(result)).toEqual(await guard.inspect(result))
    } finally {
      await pool.close()
    }
  })

  test('an action that is not examined in time is denied, and whoever decides it again comes to the same', async () => {
    const action = actionOf(policies.hipaa, long)
    const { decision, inputs, redacted } = await failing(tooLong).verify(action)
    expect(decision).toMatchObject({ answer: 'deny', rules: ['unexamined'] })
    expect(redacted).toBeUndefined()
    expect(inputs.findings).toMatchObject([
      { detector: 'unexamined', start: 0, end: action.text.length, encodings: [] },
    ])
    expect(decideAction(policies.hipaa, inputs, action.text, evaluate)).toEqual(decision)
  })

  test('a result that is not examined in time is withheld, and brings every label that it could have', async () => {
    const policy = samplePolicy({ labels_of_findings: { personal_data: ['a'], 'secret:github': ['b'] } }, permitAll)
    const { output, labels, findings } = await failing(tooLong).inspect({ policy, output: long, salt })
    expect(output).toMatch(/^\[withheld: /)
    expect(output).not.toContain(ssn)
    expect(labels).toEqual(['a', 'b'])
    expect(findings).toMatchObject([{ detector: 'unexamined' }])
  })

  test('a worker that breaks is neither a denial nor an answer', async () => {
    const broken = new Error('A worker ended by itself with 1.')
    await expect(failing(broken).verify(actionOf(policies.hipaa, long))).rejects.toBe(broken)
    await expect(failing(broken).inspect({ policy: policies.hipaa, output: long, salt })).rejects.toBe(broken)
  })

  test.each<[string, PolicyVersion, number, boolean]>([
    ['a short text', policies.hipaa, 1_000, false],
    ['a long text', policies.hipaa, 20_000, true],
    ['many keywords', samplePolicy({ content: keywords(200, 100) }, permitAll), 10, true],
    ['few keywords', samplePolicy({ content: keywords(20, 100) }, permitAll), 10, false],
    ['a long policy', samplePolicy({}, `${permitAll} // ${'x'.repeat(20_000)}`), 10, true],
    ['a policy that compares long arguments with long patterns', samplePolicy({}, comparing(7_000)), 7_000, true],
    ['a policy that compares short arguments', samplePolicy({}, comparing(7_000)), 10, false],
  ])('%s: %#', (_, policy, chars, expected) => {
    expect(mayTakeLong(policy, 'x'.repeat(chars))).toBe(expected)
  })

  test.each([
    [16_384, false],
    [16_385, true],
  ])('a text, a policy and its keywords of %i characters together: %s', (chars, expected) => {
    const policy = samplePolicy({ content: keywords(20, 100) }, permitAll)
    expect(mayTakeLong(policy, 'x'.repeat(chars - 2_000 - permitAll.length))).toBe(expected)
  })

  test.each([
    [4_096, false],
    [4_097, true],
  ])('%i characters that a policy of 4,096 compares with its patterns: %s', (chars, expected) => {
    const policy = samplePolicy({}, comparing(4_096 - comparing(0).length))
    expect(mayTakeLong(policy, 'x'.repeat(chars))).toBe(expected)
  })

  test('what is short needs no worker', async () => {
    const alone = failing(new Error('a worker was asked'))
    const action = actionOf(policies.hipaa, ssn)
    expect(await alone.verify(action)).toEqual(await guard.verify(action))
    expect((await alone.inspect({ policy: policies.hipaa, output: ssn, salt })).output).toBe('[redacted:ssn]')
  })

  test('a result under a policy that looks for nothing needs no worker, whatever its length', async () => {
    const output = 'x'.repeat(1_000_000)
    const inspected = await failing(new Error('a worker was asked')).inspect({ policy: policies.default, output, salt })
    expect(inspected).toEqual({ output, findings: [], labels: [] })
  })

  function keywords(count: number, chars: number): PolicyDocument['content'] {
    const blocked_keywords = Array.from({ length: count }, (_, index) => `${index}`.padEnd(chars, 'k'))
    return { personal_data: 'allow', secrets: 'allow', blocked_keywords }
  }

  function comparing(chars: number): string {
    return `${permitAll} forbid (principal, action, resource) when { context.arguments like "*${'a'.repeat(chars)}" };`
  }
})
