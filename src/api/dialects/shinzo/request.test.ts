import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../../test/support/create-engine-world.ts'
import type { TaskRequest } from './contract/task.ts'
import { readTaskRequest } from './request.ts'

const limits = { message_chars_max: 5, run_timeout_seconds_max: 60, metadata_bytes_max: 10 }

let world: EngineWorld
beforeAll(async () => {
  world = await createEngineWorld({ limits })
})
afterAll(() => world.close())

const read = (body: Partial<TaskRequest> = {}, agentId: string | undefined = 'agent-1') =>
  readTaskRequest(world.deps, agentId, { message: 'do it', ...body })
const bare = { input: { text: 'do it' }, agentId: 'agent-1', dialect: 'shinzo', extension: { callback_mode: 'poll' } }
const url = 'https://hooks.example.com/done'

test('a message alone asks for nothing else: its task is polled', () => {
  expect(read()).toEqual(bare)
})

test('a path that names no agent gives none, and not the default agent', () => {
  expect(readTaskRequest(world.deps, undefined, { message: 'do it' })).toEqual({ ...bare, agentId: undefined })
})

test.each<[string, Partial<TaskRequest>, object]>([
  ['a priority is kept', { priority: 1 }, { priority: 1 }],
  ['a fractional priority is rounded down', { priority: 7.4 }, { priority: 7 }],
  ['a fractional priority is rounded up', { priority: 7.5 }, { priority: 8 }],
  ['a timeout in seconds becomes milliseconds', { timeout_override: 30 }, { timeoutMs: 30_000 }],
  ['a timeout at the limit is kept', { timeout_override: 60 }, { timeoutMs: 60_000 }],
  ['a fractional timeout is rounded to milliseconds', { timeout_override: 1.2346 }, { timeoutMs: 1_235 }],
  ['a timeout below a millisecond is one', { timeout_override: 0.0001 }, { timeoutMs: 1 }],
  ['metadata are kept', { metadata: { a: [1] } }, { metadata: { a: [1] } }],
  ['empty metadata are kept', { metadata: {} }, { metadata: {} }],
  ['metadata at the limit are kept', { metadata: { a: 'é' } }, { metadata: { a: 'é' } }],
  ['the agent may ask its user', { ask_question: true }, { askQuestion: true }],
  ['the agent may not ask its user', { ask_question: false }, { askQuestion: false }],
  ['the mode poll needs no webhook', { callback_mode: 'poll' }, {}],
  [
    'a webhook_url is kept while the task is polled',
    { webhook_url: url },
    { extension: { callback_mode: 'poll', webhook_url: url } },
  ],
  [
    'the mode webhook opens an endpoint at webhook_url',
    { callback_mode: 'webhook', webhook_url: url },
    { extension: { callback_mode: 'webhook', webhook_url: url }, webhook: { url, format: 'shinzo' } },
  ],
])('%s', (_fact, body, expected) => {
  expect(read(body)).toEqual({ ...bare, ...expected })
})

describe('a request is refused', () => {
  test.each<[string, Partial<TaskRequest>, object]>([
    [
      'for a message above the limit',
      { message: 'do it!' },
      {
        message: 'message is above the limit: at most 5 are allowed.',
        fields: [{ field: 'message', message: 'must be at most 5 (message_chars_max)' }],
        limit: 'message_chars_max',
      },
    ],
    [
      'for a timeout above the limit',
      { timeout_override: 60.001 },
      {
        message: 'timeout_override is above the limit: at most 60 are allowed.',
        fields: [{ field: 'timeout_override', message: 'must be at most 60 (run_timeout_seconds_max)' }],
        limit: 'run_timeout_seconds_max',
      },
    ],
    [
      'for metadata of more bytes than the limit, which are not their characters',
      { metadata: { a: 'é1' } },
      {
        message: 'metadata is above the limit: at most 10 are allowed.',
        fields: [{ field: 'metadata', message: 'must be at most 10 (metadata_bytes_max)' }],
        limit: 'metadata_bytes_max',
      },
    ],
    [
      'for a webhook_url that is none, also where the task is polled',
      { webhook_url: 'ftp://hooks.example.com/' },
      {
        message: 'webhook_url must be an http or https URL.',
        fields: [{ field: 'webhook_url', message: 'must be an http or https URL' }],
      },
    ],
    [
      'for the mode webhook without a webhook_url',
      { callback_mode: 'webhook' },
      {
        message: 'webhook_url is needed where callback_mode is webhook.',
        fields: [{ field: 'webhook_url', message: 'is needed where callback_mode is webhook' }],
      },
    ],
  ])('%s', (_fact, body, expected) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ code: 'invalid_input', ...expected }))
  })
})
