import { describe, expect, test } from 'vitest'
import { sampleTask } from '../../../../test/support/sample-tasks.ts'
import type { JsonObject } from '../../../domain/json.ts'
import { limitDefaults } from '../../../domain/limits.ts'
import type { CreateTask } from './contract/create-task.ts'
import { messageExtensionOf, readTaskRequest } from './request.ts'

const limits = { ...limitDefaults, message_chars_max: 5, metadata_bytes_max: 10 }
const message = { content: 'do it' }
const read = (body: Partial<CreateTask> = {}) => readTaskRequest(limits, { agent_id: 1, message, ...body })
const kept = { source: 'sdk', metadata: {} }
const bare = { input: { text: 'do it' }, metadata: {}, runExtension: kept, askQuestion: undefined }

test.each<[string, Partial<CreateTask>]>([
  ['a message alone has no metadata', {}],
  ['a message of the user has its text', { message: { role: 'user', ...message } }],
  ['files that are null are none', { message: { ...message, files: null } }],
  ['an empty list of files is none', { message: { ...message, files: [] } }],
  ['metadata that are null are empty', { metadata: null }],
  ['empty metadata are empty', { metadata: {} }],
  ['a connector context leaves no trace', { connector_runtime_context: [{ token: 'secret' }] }],
])('%s', (_fact, body) => {
  expect(read(body)).toStrictEqual(bare)
})

test('metadata at the limit are kept with the task and with its run', () => {
  const metadata = { a: 'é' }
  expect(read({ metadata })).toStrictEqual({ ...bare, metadata, runExtension: { source: 'sdk', metadata } })
})

test.each([
  [true, true],
  [false, false],
  [null, undefined],
])('ask_question: %j asks for %j', (ask_question, askQuestion) => {
  expect(read({ ask_question })).toStrictEqual({ ...bare, askQuestion })
})

describe('a request is refused', () => {
  test.each<[string, Partial<CreateTask>, object]>([
    [
      'for a message above the limit',
      { message: { content: 'do it!' } },
      {
        code: 'invalid_input',
        message: 'message.content is above the limit: at most 5 are allowed.',
        fields: [{ field: 'message.content', message: 'must be at most 5 (message_chars_max)' }],
        limit: 'message_chars_max',
      },
    ],
    [
      'for metadata of more bytes than the limit, which are not their characters',
      { metadata: { a: 'é1' } },
      {
        code: 'invalid_input',
        message: 'metadata is above the limit: at most 10 are allowed.',
        fields: [{ field: 'metadata', message: 'must be at most 10 (metadata_bytes_max)' }],
        limit: 'metadata_bytes_max',
      },
    ],
    [
      'for each file, because none was uploaded',
      { message: { ...message, files: ['file-1', 'file-2'] } },
      {
        code: 'file_not_found',
        message: 'There is no such file.',
        fields: [
          { field: 'message.files.0', message: 'is no file that was uploaded' },
          { field: 'message.files.1', message: 'is no file that was uploaded' },
        ],
      },
    ],
  ])('%s', (_fact, body, expected) => {
    expect(() => read(body)).toThrow(expect.objectContaining(expected))
  })
})

const extensionOfRun = (runExtension: JsonObject) => messageExtensionOf(sampleTask({ runExtension }).run)

test.each<[string, JsonObject, object]>([
  [
    'a message is read back with its metadata',
    { source: 'sdk', metadata: { a: 1 } },
    { source: 'sdk', metadata: { a: 1 } },
  ],
  ['a message without metadata is read back', { source: 'sdk' }, { source: 'sdk' }],
  ['fields of other dialects are left out', { source: 'sdk', permissions: [] }, { source: 'sdk' }],
  ['a message of another dialect has no data of this one', { metadata: { a: 1 } }, {}],
  ['a message of another source has no data of this one', { source: 'chat', metadata: { a: 1 } }, {}],
])('%s', (_fact, runExtension, expected) => {
  expect(extensionOfRun(runExtension)).toStrictEqual(expected)
})

test('metadata that were never written so are a defect', () => {
  expect(() => extensionOfRun({ source: 'sdk', metadata: 'x' })).toThrow('What a dialect keeps cannot be read')
})
