import { expect, test } from 'vitest'
import { accesses } from '../../domain/decision.ts'
import { CedarRefused, readCedarRules } from './cedar-rules.ts'
import { loadCedar } from './cedar-schema.ts'

const cedar = loadCedar()
const ruleOf = (scope: string, conditions = '') => {
  const [rule] = readCedarRules(cedar, `forbid (principal, ${scope}, resource) ${conditions};`)
  if (rule === undefined) throw new Error('no rule')
  return rule
}

test('rules keep the order of the text, however many there are', () => {
  const source = Array.from(
    { length: 25 },
    (_, n) => `permit (principal, action, resource) when { context.hour == ${n} };`,
  )
  const rules = readCedarRules(cedar, source.join('\n'))
  expect(rules.map(({ id }) => id)).toEqual(source.map((_, n) => `policy${n}`))
  expect(rules.map(({ text }) => text)).toEqual(source)
  expect(rules.map(({ offset }) => offset)).toEqual(
    source.map((_, n) => source.slice(0, n).join('\n').length + (n > 0 ? 1 : 0)),
  )
})

test('a rule is named by its id and carries its reason', () => {
  const [first, second] = readCedarRules(
    cedar,
    '@id("a") @reason("Because.") forbid (principal, action, resource);\npermit (principal, action, resource);',
  )
  expect(first).toMatchObject({ id: 'a', reason: 'Because.', permits: false })
  expect(second).toMatchObject({ id: 'policy1', reason: null, permits: true })
})

test('the scope tells to which actions a rule can apply', () => {
  expect(ruleOf('action').actions).toEqual(accesses)
  expect(ruleOf('action == Action::"fetch"').actions).toEqual(['fetch'])
  expect(ruleOf('action in Action::"send"').actions).toEqual(['send'])
  expect(ruleOf('action in [Action::"send", Action::"read"]').actions).toEqual(['read', 'send'])
  expect(ruleOf('action == Action::"none"').actions).toEqual([])
})

test.each([
  ['when { context.arguments like "*x*" }', true],
  ['when { context["argu\\u{6d}ents"] like "*x*" }', true],
  ['when { context.hour > 1 || ["x"].contains(context.arguments) }', true],
  ['unless { if context.hour > 1 then context.arguments == "" else true }', true],
  ['when { { left: context, attr: "tool" }.left.arguments == "" }', true],
  ['when { context == {} }', true],
  ['when { context has arguments }', true],
  ['when { { a: context.arguments }.a == "" }', true],
  ['when { context.labels.contains(context.arguments) }', true],
  ['when { principal.arguments == "" }', false],
  ['when { principal has arguments }', false],
  ['when { -1 < context.hour }', false],
  ['when { context.tool == "arguments" }', false],
  ['when { context has host && context.host == "a" }', false],
  ['when { principal.role == "admin" }', false],
  ['', false],
])('whether %j reads the arguments is %s', (conditions, reads) => {
  expect(ruleOf('action', conditions).readsArguments).toBe(reads)
})

test.each([
  ['permit (', 'unexpected end of input'],
  ['permit (principal == ?principal, action, resource);', 'The text holds a template.'],
])('%s is refused with a reason', (source, reason) => {
  const refused = () => readCedarRules(cedar, source)
  expect(refused).toThrow(CedarRefused)
  expect(refused).toThrow(expect.objectContaining({ name: 'CedarRefused', message: expect.stringContaining(reason) }))
})
