import { expect, test } from 'vitest'
import { type SampleOptions, sampleTask } from '../../../../test/support/sample-tasks.ts'
import { extensionOf, optionsOf } from './extension.ts'

const profile = { task_class: 'a', stage_role: 'release', stage_id: 's1', upstream_execution_ids: ['e1'] }
const options = { permissions: ['files:read'], webhookUrl: 'https://x.example/', verificationProfile: profile }
const written = {
  permissions: ['files:read'],
  private: { webhook_url: 'https://x.example/', verification_profile: profile },
}
const none = { permissions: null, webhookUrl: undefined, verificationProfile: undefined }
const read = (sample: SampleOptions) => optionsOf(sampleTask({ dialect: 'certior', ...sample }))

test('texts that the user wrote are stored apart, where a purge removes them', () => {
  expect(extensionOf(options)).toStrictEqual(written)
  expect(extensionOf(none)).toStrictEqual({ permissions: null, private: {} })
  expect(extensionOf({ ...none, permissions: [] })).toStrictEqual({ permissions: [], private: {} })
})

test.each([
  ['those that were frozen with the run', { runExtension: written }, options],
  ['those of the task where the run froze none', { extension: written }, options],
  ['those of the run before those of the task', { extension: written, runExtension: extensionOf(none) }, none],
  ['none where none were requested', { runExtension: extensionOf(none) }, none],
  ['none where nothing was kept', {}, none],
  [
    'the permissions alone once the contents are purged',
    { extension: { permissions: ['files:read'] } },
    { ...none, permissions: ['files:read'] },
  ],
  ['none for a task of another dialect', { dialect: 'native' as const, extension: written }, none],
])('the options of an execution are %s', (_fact, sample, expected) => {
  expect(read(sample)).toEqual(expected)
})

test('a profile is read back by its known fields, and those may be null', () => {
  const nulls = { task_class: null, stage_role: null, stage_id: null, upstream_execution_ids: null }
  const stored = { private: { verification_profile: { ...nulls, colour: 'red' } } }
  expect(read({ extension: stored }).verificationProfile).toStrictEqual(nulls)
  expect(read({ extension: { private: { verification_profile: {} } } }).verificationProfile).toStrictEqual({})
})

test.each([
  ['permissions that are no list', { permissions: 'all' }],
  ['a permission that is no text', { permissions: [7] }],
  ['an address that is no text', { private: { webhook_url: 7 } }],
  ['a profile that is no object', { private: { verification_profile: 'x' } }],
  ['a class that is no text', { private: { verification_profile: { task_class: 7 } } }],
  ['a role that is no text', { private: { verification_profile: { stage_role: 7 } } }],
  ['a stage that is no text', { private: { verification_profile: { stage_id: 7 } } }],
  ['executions that are no list', { private: { verification_profile: { upstream_execution_ids: 'e1' } } }],
])('%s is a defect', (_fact, extension) => {
  expect(() => read({ extension })).toThrow('What a dialect keeps cannot be read')
})
