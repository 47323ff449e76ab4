import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { permitAll, sampleInputs, samplePolicy } from '../../../test/support/sample-inputs.ts'
import { accesses } from '../../domain/decision.ts'
import { cedarRequest } from './cedar-request.ts'
import { readCedarRules } from './cedar-rules.ts'
import { loadCedar } from './cedar-schema.ts'
import { createPolicyEngine } from './create-policy-engine.ts'

const { evaluate } = createPolicyEngine()
const evaluateText = (cedar: string, given = {}, argumentsText = '{}') =>
  evaluate(samplePolicy({}, cedar), sampleInputs(given), argumentsText)
const error = {
  allowed: false,
  rules: ['policy:evaluation_error'],
  reasons: [],
  asks: [],
  errors: [expect.any(String)],
}

describe('one policy', () => {
  test('what a rule permits and none forbids is allowed, by its name', () => {
    const cedar = `permit (principal, action == Action::"fetch", resource);\n${permitAll}`
    expect(evaluateText(cedar)).toEqual({
      allowed: true,
      rules: ['policy:policy0', 'policy:permit_all'],
      reasons: [],
      asks: [],
      errors: [],
    })
  })

  test('what no rule permits is denied', () => {
    const denied = { allowed: false, rules: ['policy:default_deny'], reasons: [], asks: [], errors: [] }
    expect(evaluateText('permit (principal, action == Action::"read", resource);')).toEqual(denied)
    expect(evaluateText('')).toEqual(denied)
  })

  test('every rule that forbids is named, in the order of the text, with what it says of itself', () => {
    const forbids = Array.from(
      { length: 12 },
      (_, n) => `@id("f${11 - n}") @reason("${n}") forbid (principal, action, resource);`,
    )
    const { allowed, rules, reasons } = evaluateText([permitAll, ...forbids].join('\n'))
    expect(allowed).toBe(false)
    expect(rules).toEqual(forbids.map((_, n) => `policy:f${11 - n}`))
    expect(reasons).toEqual(forbids.map((_, n) => String(n)))
  })

  test.each([
    [
      'a forbidding rule',
      'forbid (principal, action, resource) when { context.cost_micros_usd + 9223372036854775807 > 0 };',
    ],
    [
      'a permitting rule',
      'permit (principal, action, resource) when { context has host && ip(context.host).isLoopback() };',
    ],
  ])('%s that cannot be evaluated denies, whatever else permits', (_what, rule) => {
    expect(evaluateText(`${permitAll}\n${rule}`, { cost_micros_usd: 1 })).toMatchObject(error)
  })

  test('to another action the same rule says nothing, not even an error', () => {
    const rule =
      'forbid (principal, action == Action::"send", resource) when { context.time + 9223372036854775807 > 0 };'
    expect(evaluateText(`${permitAll}\n${rule}`, { access: 'fetch' }).allowed).toBe(true)
    expect(evaluateText(`${permitAll}\n${rule}`, { access: 'send' })).toMatchObject(error)
  })

  test.each([
    ['an amount that is no whole number', { cost_micros_usd: 1.5 }, 'data did not match'],
    ['an access that there is not', { access: 'delete' }, 'There is no action delete.'],
    ['labels that are no texts', { labels: [1] }, 'is not valid for `Action::"fetch"`'],
  ])('%s denies', (_what, given, reason) => {
    expect(evaluateText(permitAll, given)).toEqual({ ...error, errors: [expect.stringContaining(reason)] })
  })

  test('each rule that cannot be evaluated is named, in one order', () => {
    const rules = Array.from(
      { length: 12 },
      (_, n) => `@id("f${n}") forbid (principal, action, resource) when { context.time + 9223372036854775807 > 0 };`,
    )
    const { errors } = evaluateText(rules.join(''))
    expect(errors).toHaveLength(rules.length)
    expect(errors).toEqual([...errors].sort())
    expect(errors[0]).toMatch(/^f0: integer overflow/u)
  })

  test('a rule that forbids without a reason gives none', () => {
    const rule = '@reason("Because.") forbid (principal, action, resource);forbid (principal, action, resource);'
    expect(evaluateText(rule).reasons).toEqual(['Because.'])
  })

  test('actions whose rules have other ids that read alike together keep their own', () => {
    const permit = (id: string, access: string) =>
      `@id("${id}") permit (principal, action == Action::"${access}", resource);`
    const source = [permit('a', 'read'), permit('bc', 'read'), permit('ab', 'fetch'), permit('c', 'fetch')].join('')
    expect(evaluateText(source, { access: 'read' }).rules).toEqual(['policy:a', 'policy:bc'])
    expect(evaluateText(source, { access: 'fetch' }).rules).toEqual(['policy:ab', 'policy:c'])
  })

  test('a rule sees the arguments, and each other thing that it may speak of', () => {
    const forbidding = (condition: string) => `${permitAll} forbid (principal, action, resource) when { ${condition} };`
    const given = {
      labels: ['phi'],
      path: 'a/b.txt',
      host: 'Example.com',
      principal: { user: 'u', team: 'audit', role: 'operator' },
    }
    for (const condition of [
      'context.arguments like "*needle*"',
      'context.labels.contains("phi")',
      'context has path && context.path like "a/*"',
      'context has host && context.host == "example.com"',
      'principal has team && principal.team == "audit" && principal == User::"u"',
      'principal.role == "operator"',
      'resource == Tool::"fetch_url"',
      'context.capabilities.contains("network:http:read") && context.sinks.contains("network")',
      'context.cap_micros_usd == 1000000 && context.spent_micros_usd == 0',
    ]) {
      expect(evaluateText(forbidding(condition), given, '{"x":"a needle"}').allowed, condition).toBe(false)
      expect(evaluateText(forbidding(`!(${condition})`), given, '{"x":"a needle"}').allowed, condition).toBe(true)
    }
  })
})

test('a slice decides as the whole set would', () => {
  const cedar = loadCedar()
  const scope = fc.constantFrom(
    'action',
    ...accesses.map((a) => `action == Action::"${a}"`),
    'action in [Action::"read", Action::"send"]',
  )
  const condition = fc.constantFrom(
    'context.labels.contains("a")',
    'context.arguments like "*x*"',
    'context has path',
    'context.hour + 9223372036854775807 > 0',
  )
  const rule = fc.tuple(fc.constantFrom('permit', 'forbid'), scope, condition)
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 6 }),
      fc.constantFrom(...accesses),
      fc.subarray(['a', 'b']),
      fc.constantFrom('x', 'y'),
      (rules, access, labels, argumentsText) => {
        const source = rules
          .map(([effect, where, when]) => `${effect} (principal, ${where}, resource) when { ${when} };`)
          .join('\n')
        const inputs = sampleInputs({ access, labels })
        const staticPolicies = Object.fromEntries(readCedarRules(cedar, source).map(({ id, text }) => [id, text]))
        const whole = cedar.isAuthorized({ ...cedarRequest(inputs, argumentsText), policies: { staticPolicies } })
        if (whole.type === 'failure') throw new Error('the whole set was refused')
        const { decision, diagnostics } = whole.response
        const sliced = evaluate(samplePolicy({}, source), inputs, argumentsText)
        expect(sliced.allowed).toBe(decision === 'allow' && diagnostics.errors.length === 0)
        expect(sliced.errors).toHaveLength(diagnostics.errors.length)
        if (sliced.errors.length === 0 && diagnostics.reason.length > 0) {
          expect([...sliced.rules].sort()).toEqual(diagnostics.reason.map((id) => `policy:${id}`).sort())
        }
      },
    ),
    { numRuns: 200 },
  )
})

describe('many versions', () => {
  const versions = Array.from({ length: 6 }, (_, n) =>
    samplePolicy(
      {},
      `${permitAll} @id("only_${n}") forbid (principal, action, resource) when { context.cost_micros_usd == ${n} };`,
    ),
  )

  test('each decides by its own rules, also after it had to make room for others', () => {
    const engine = createPolicyEngine(2)
    for (let round = 0; round < 3; round += 1) {
      for (const [n, version] of versions.entries()) {
        expect(engine.evaluate(version, sampleInputs({ cost_micros_usd: n }), '').rules).toEqual([`policy:only_${n}`])
        expect(engine.evaluate(version, sampleInputs({ cost_micros_usd: n + 1 }), '').allowed).toBe(true)
      }
    }
  })

  /** An engine with all that it has Cedar parse: the names of the sets, with the rules in each. */
  const watchedEngine = (loadedMax?: number) => {
    const parsed: (readonly [name: string, rules: number])[] = []
    let instances = 0
    const engine = createPolicyEngine(loadedMax, () => {
      instances += 1
      const cedar = loadCedar()
      return {
        ...cedar,
        preparsePolicySet: (name, policies) => {
          parsed.push([name, Object.keys(policies.staticPolicies ?? ['not replaced']).length])
          return cedar.preparsePolicySet(name, policies)
        },
      }
    })
    return { engine, parsed, instances: () => instances }
  }
  const setOf = ({ digest }: { digest: string }) => `${digest}/${accesses[0]}`

  test('the one that was used least recently makes room, and its rules are dropped', () => {
    const [a = samplePolicy(), b = a, c = a] = versions
    const { engine, parsed } = watchedEngine(2)
    for (const version of [a, b, a, c, a]) expect(engine.evaluate(version, sampleInputs(), '').errors).toEqual([])
    expect(parsed).toEqual([
      [setOf(a), 2],
      [setOf(b), 2],
      [setOf(c), 2],
      [setOf(b), 0],
    ])
    engine.prepare(b)
    expect(parsed.slice(4)).toEqual([
      [setOf(b), 2],
      [setOf(c), 0],
    ])
  })

  test('a text that is refused leaves Cedar as it is, and one that exhausts it has it loaded again', () => {
    const [good = samplePolicy()] = versions
    const { engine, parsed, instances } = watchedEngine()
    engine.prepare(good)
    expect(() => engine.prepare(samplePolicy({}, 'permit ('))).toThrow()
    engine.prepare(good)
    expect([instances(), parsed.length]).toEqual([1, 1])
    const deep = `permit (principal, action, resource) when { ${'('.repeat(30_000)}true${')'.repeat(30_000)} };`
    expect(() => engine.prepare(samplePolicy({}, deep))).toThrow()
    engine.prepare(good)
    expect([instances(), parsed.length]).toEqual([2, 2])
  })

  test('two rules with one id are refused for that', () => {
    const twice = samplePolicy({}, `${permitAll}${permitAll}`)
    const cause = expect.objectContaining({ message: 'Two rules have the same id.' })
    expect(() => createPolicyEngine().prepare(twice)).toThrow(expect.objectContaining({ cause }))
  })

  test('one that does not parse is denied by itself, and refused when it is prepared', () => {
    const engine = createPolicyEngine()
    const [good = samplePolicy()] = versions
    engine.prepare(good)
    for (const source of [
      'permit (',
      'permit (principal == ?principal, action, resource);',
      `${permitAll}${permitAll}`,
    ]) {
      const bad = samplePolicy({}, source)
      expect(() => engine.prepare(bad)).toThrow('The Cedar text of the policy sample cannot be loaded.')
      expect(engine.evaluate(bad, sampleInputs(), '')).toMatchObject(error)
    }
    expect(engine.evaluate(good, sampleInputs({ cost_micros_usd: 0 }), '').rules).toEqual(['policy:only_0'])
  })

  test('one that exhausts the stack is denied, and the others still decide', () => {
    const engine = createPolicyEngine()
    const [good = samplePolicy()] = versions
    engine.prepare(good)
    const whenEvaluated = `${permitAll} forbid (principal, action, resource) when { ${'1 + '.repeat(900)}1 == 1 };`
    const whenParsed = `permit (principal, action, resource) when { ${'('.repeat(30_000)}true${')'.repeat(30_000)} };`
    for (const source of [whenEvaluated, whenParsed]) {
      expect(engine.evaluate(samplePolicy({}, source), sampleInputs(), '')).toMatchObject(error)
      expect(engine.evaluate(good, sampleInputs({ cost_micros_usd: 1 }), '').allowed).toBe(true)
    }
  })
})
