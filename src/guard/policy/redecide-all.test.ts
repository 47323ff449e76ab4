import { expect, test } from 'vitest'
import { permitAll, sampleFinding, sampleInputs, samplePolicy } from '../../../test/support/sample-inputs.ts'
import { type RecordedAction, redecideAll } from './redecide-all.ts'

const salt = 'ab'.repeat(16)
const recorded = (given: Parameters<typeof sampleInputs>[0], argumentsText = '{}'): RecordedAction => ({
  inputs: JSON.stringify(sampleInputs(given)),
  argumentsText,
  salt,
})
const content = { personal_data: 'block', secrets: 'allow', blocked_keywords: [] } as const

test('recorded actions are decided again in their order, each with its tool, its rules and its reason', () => {
  const actions = [recorded({ tool: 'a' }), recorded({ tool: 'b', granted: [] }), recorded({ tool: 'c' })]
  expect(redecideAll(samplePolicy(), actions)).toEqual([
    { tool: 'a', answer: 'allow', rules: ['capability', 'policy:permit_all'], reason: 'The policy sample allows it.' },
    { tool: 'b', answer: 'deny', rules: ['capability'], reason: expect.stringContaining('was not granted') },
    { tool: 'c', answer: 'allow', rules: ['capability', 'policy:permit_all'], reason: 'The policy sample allows it.' },
  ])
})

test('arguments are scanned under the other policy, whatever was found under the old one', () => {
  const [found] = redecideAll(samplePolicy({ content }), [recorded({}, '{"text":"123-45-6789"}')])
  expect(found).toMatchObject({ answer: 'deny', rules: ['content:ssn'] })
  const [gone] = redecideAll(samplePolicy({ content }), [recorded({ findings: [sampleFinding('ssn')] })])
  expect(gone).toMatchObject({ answer: 'allow' })
})

test('arguments that were not examined are not examined now either', () => {
  const findings = [sampleFinding('ssn'), sampleFinding('unexamined')]
  const [again] = redecideAll(samplePolicy({ content }), [recorded({ findings }, '{"text":"nothing"}')])
  expect(again).toMatchObject({ answer: 'deny', rules: ['unexamined'] })
})

test('rules see the arguments without the white space that the model wrote', () => {
  const rule = String.raw`@id("r") forbid (principal, action, resource) when { context.arguments == "{\"a\":[1,2]}" };`
  const [again] = redecideAll(samplePolicy({}, `${permitAll} ${rule}`), [recorded({}, '{ "a": [1, 2]\n}')])
  expect(again?.rules).toEqual(['policy:r'])
})
