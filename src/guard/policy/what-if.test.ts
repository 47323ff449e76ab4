import fc from 'fast-check'
import { expect, test } from 'vitest'
import { permitAll, sampleFinding, sampleInputs, samplePolicy } from '../../../test/support/sample-inputs.ts'
import { decideAction } from '../decide-action.ts'
import { createPolicyEngine } from './create-policy-engine.ts'
import { redecide } from './what-if.ts'

const { evaluate } = createPolicyEngine()
const would = (candidate: Parameters<typeof redecide>[0], given = {}) =>
  redecide(candidate, sampleInputs(given), '{"q":"needle"}', evaluate).would

test('what the ceiling of the other policy leaves out would be denied', () => {
  const candidate = samplePolicy({ ceiling: ['filesystem:*'], defaults: ['filesystem:read'] })
  expect(would(candidate)).toMatchObject({ answer: 'deny', rules: ['capability'] })
  const reading = { required: ['filesystem:read'], access: 'read', granted: ['filesystem:read', 'network:*'] }
  expect(would(candidate, reading).answer).toBe('allow')
})

test('what it forbids, closes, blocks or wants approved would be denied', () => {
  expect(would(samplePolicy({ forbidden: ['network:http:*'] })).rules).toEqual(['capability', 'forbidden_by_policy'])
  expect(would(samplePolicy({ closed_sinks: { phi: ['*'] } }), { labels: ['phi'] }).rules).toEqual(['sink_closed:phi'])
  const content = { personal_data: 'block', secrets: 'allow', blocked_keywords: [] } as const
  expect(would(samplePolicy({ content }), { findings: [sampleFinding('ssn')] }).rules).toEqual(['content:ssn'])
  expect(would(samplePolicy({ approvals: { categories: [], tools: ['fetch_url'] } })).rules).toEqual([
    'approval_required',
  ])
  const rule = `${permitAll} @id("r") forbid (principal, action, resource) when { context.arguments like "*needle*" };`
  expect(would(samplePolicy({}, rule)).rules).toEqual(['policy:r'])
})

test('a wider policy gives back what the old one denied by its rules, and no grant that the run never had', () => {
  expect(would(samplePolicy(), { policy: { name: 'strict', digest: 'x' } }).answer).toBe('allow')
  expect(would(samplePolicy(), { granted: ['filesystem:read'] }).rules).toEqual(['capability'])
})

test('the inputs name the other policy, and the grants that would have been left', () => {
  const candidate = samplePolicy({ ceiling: ['a:*', 'b'], defaults: ['b'], forbidden: ['a:x'] })
  const { inputs } = redecide(candidate, sampleInputs({ granted: ['a:x', 'a:y:*', '*'] }), '{}', evaluate)
  expect(inputs.granted).toEqual(['a:y:*', 'a:*', 'b'])
  expect(inputs.policy).toEqual({ name: 'sample', digest: candidate.digest })
})

test('under the policy that was decided under, the decision is the same', () => {
  const words = fc.constantFrom('a', 'b', 'a:b', 'a:*', '*')
  fc.assert(
    fc.property(fc.array(words), fc.array(words, { minLength: 1 }), fc.array(words), (granted, required, forbidden) => {
      const policy = samplePolicy({ forbidden })
      const inputs = sampleInputs({ granted, required })
      const { answer } = decideAction(policy, inputs, '{}', evaluate)
      expect(redecide(policy, inputs, '{}', evaluate).would.answer).toBe(answer)
    }),
  )
})
