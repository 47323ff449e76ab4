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

test('hour and weekday are those of the instant in UTC; Monday is 1 and Sunday is 7', () => {
  const contextAt = (at: number) => cedarRequest(sampleInputs({ at }), '').context
  expect(contextAt(Date.UTC(2026, 0, 5, 0, 0))).toMatchObject({ hour: 0, weekday: 1 })
  expect(contextAt(Date.UTC(2026, 0, 4, 23, 59))).toMatchObject({ hour: 23, weekday: 7 })
})

test.each([
  ['EXAMPLE.com', 'example.com'],
  ['example.com.', 'example.com'],
  ['[::1]', '::1'],
  ['127.0.0.1', '127.0.0.1'],
])('the host %s is compared as %s', (host, compared) => {
  expect(cedarRequest(sampleInputs({ host }), '').context['host']).toBe(compared)
})
