import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleFinding, sampleInputs } from '../../../test/support/sample-inputs.ts'
import { accesses, type DecisionInputs } from '../../domain/decision.ts'
import { roles } from '../../domain/principal.ts'
import { cedarRequest } from './cedar-request.ts'
import { cedarSchema, loadCedar } from './cedar-schema.ts'

const cedar = loadCedar()
cedar.preparseSchema('test', cedarSchema)
const text = fc.string({ unit: 'binary', maxLength: 20 })
const amount = fc.maxSafeInteger()
const amounts = fc.record({ micros_usd: amount, tokens: amount, steps: amount })
const inputs: fc.Arbitrary<DecisionInputs> = fc
  .record({
    at: fc.integer({ min: 0, max: 8.64e15 }),
    principal: fc.record({ user: text, team: fc.option(text), role: fc.constantFrom(...roles) }),
    tool: text,
    access: fc.constantFrom(...accesses),
    required: fc.array(text),
    sinks: fc.array(text),
    host: fc.option(text),
    path: fc.option(text),
    findings: fc.array(text.map(sampleFinding)),
    labels: fc.array(text),
    cost_micros_usd: amount,
    ledger: fc.record({ cap: amounts, spent: amounts, reserved: amounts, lent: amounts }),
  })
  .map(sampleInputs)

test('whatever the inputs are, the question fits the schema', () => {
  cedar.preparsePolicySet('all', { staticPolicies: 'permit (principal, action, resource);' })
  fc.assert(
    fc.property(inputs, text, (given, argumentsText) => {
      const request = cedarRequest(given, argumentsText)
      const call = { ...request, preparsedSchemaName: 'test', validateRequest: true, preparsedPolicySetId: 'all' }
      expect(cedar.statefulIsAuthorized(call)).toMatchObject({ type: 'success', response: { decision: 'allow' } })
    }),
    { numRuns: 300 },
  )
})

test('a question that does not fit is refused by the same schema', () => {
  const { context, ...request } = cedarRequest(sampleInputs(), '')
  const ask = (changed: object) =>
    cedar.statefulIsAuthorized({
      ...request,
      context: { ...context, ...changed },
      preparsedSchemaName: 'test',
      validateRequest: true,
      preparsedPolicySetId: 'all',
    }).type
  expect(ask({})).toBe('success')
  expect(ask({ labels: [1] })).toBe('failure')
  expect(ask({ hour: 'noon' })).toBe('failure')
  expect(ask({ more: 1 })).toBe('failure')
})

test('a request has everything that is known of an action, and nothing that is not', () => {
  const amounts = { micros_usd: 7, tokens: 1, steps: 1 }
  const known = sampleInputs({
    principal: { user: 'ann', team: 'red', role: 'auditor' },
    required: ['a:b'],
    path: 'hr/x',
    host: 'example.com',
    labels: ['phi'],
    findings: ['ssn', 'email', 'ssn'].map(sampleFinding),
    cost_micros_usd: 5,
    ledger: { cap: { ...amounts, micros_usd: 9 }, spent: amounts, reserved: amounts, lent: amounts },
  })
  const user = { type: 'User', id: 'ann' }
  expect(cedarRequest(known, '{"a":1}')).toEqual({
    principal: user,
    action: { type: 'Action', id: 'fetch' },
    resource: { type: 'Tool', id: 'fetch_url' },
    context: {
      tool: 'fetch_url',
      arguments: '{"a":1}',
      time: known.at,
      hour: 13,
      weekday: 1,
      labels: ['phi'],
      sinks: ['network'],
      findings: ['ssn', 'email'],
      capabilities: ['a:b'],
      cost_micros_usd: 5,
      spent_micros_usd: 7,
      cap_micros_usd: 9,
      host: 'example.com',
      path: 'hr/x',
    },
    entities: [{ uid: user, attrs: { role: 'auditor', team: 'red' }, parents: [] }],
  })
  const bare = cedarRequest(sampleInputs({ host: null, path: null }), '')
  expect(Object.keys(bare.context)).not.toEqual(expect.arrayContaining(['host']))
  expect(Object.keys(bare.context)).not.toEqual(expect.arrayContaining(['path']))
  expect(bare.entities[0]?.attrs).toEqual({ role: 'operator' })
})

test('hour and weekday are those of the instant in UTC; Monday is 1 and Sunday is 7', () => {
  const contextAt = (at: number) => cedarRequest(sampleInputs({ at }), '').context
  expect(contextAt(Date.UTC(2026, 0, 5, 0, 0))).toMatchObject({ hour: 0, weekday: 1 })
  expect(contextAt(Date.UTC(2026, 0, 4, 23, 59))).toMatchObject({ hour: 23, weekday: 7 })
})

test.each([
  ['EXAMPLE.com', 'example.com'],
  ['example.com.', 'example.com'],
  ['example.com..', 'example.com'],
  ['a.example.com', 'a.example.com'],
  ['[::1]', '::1'],
  ['x[::1]', 'x[::1]'],
  ['[::1]x', '[::1]x'],
  ['127.0.0.1', '127.0.0.1'],
])('the host %s is compared as %s', (host, compared) => {
  expect(cedarRequest(sampleInputs({ host }), '').context['host']).toBe(compared)
})
