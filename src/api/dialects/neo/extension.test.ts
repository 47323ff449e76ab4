import { expect, test } from 'vitest'
import { sampleTask } from '../../../../test/support/sample-tasks.ts'
import type { JsonObject } from '../../../domain/json.ts'
import { filePart, isIsolated, readRunOptions, runOptionsOf, writeExtension } from './extension.ts'

const options = {
  mode: 'plan' as const,
  agent_id: 'a1',
  agent_ids: ['a2'],
  ask_question: true,
  auto_execute: true,
  completion_delivery: 'artifact',
  file_keys: ['f1'],
  max_iterations: 3,
  sandbox_id: 's1',
  secrets: ['k1'],
  message_id: 'm1',
  files: [{ type: 'file' as const, media_type: 'text/plain', name: 'a.txt', url: 'https://x.example/a' }],
}
const defaults = {
  mode: 'agent',
  agent_id: null,
  agent_ids: [],
  ask_question: false,
  auto_execute: false,
  completion_delivery: null,
  file_keys: [],
  max_iterations: 0,
  sandbox_id: null,
  secrets: [],
  message_id: null,
  files: [],
}
const runOf = (runExtension: JsonObject) => sampleTask({ agentId: 'agent-7', runExtension }).run
const kept: JsonObject = { ...writeExtension(options) }

test('the options of a run are stored apart from the data of other dialects, and read back', () => {
  expect(writeExtension(options)).toStrictEqual({ neo: options })
  expect(runOptionsOf(runOf({ ...kept, source: 'sdk' }))).toStrictEqual(options)
})

test('a run of another API has the defaults, and its agent', () => {
  expect(runOptionsOf(runOf({ source: 'sdk' }))).toStrictEqual({ ...defaults, agent_id: 'agent-7' })
})

test('a request without options has the defaults', () => {
  expect(readRunOptions({}, null, [])).toStrictEqual(defaults)
})

test.each(Object.keys(options))('stored options without %s are a defect', (name) => {
  const { [name]: _gone, ...others } = options as JsonObject
  expect(() => runOptionsOf(runOf({ neo: others }))).toThrow('What a dialect keeps cannot be read')
})

test.each([
  ['is where it was created so', { neo: { isolated: true } }, true],
  ['is not where it was not', { neo: { isolated: false } }, false],
  ['is not where nothing of that was kept', { neo: {} }, false],
  ['is not where it came through another API', { permissions: [] }, false],
])('a task stands apart: it %s', (_fact, extension, isolated) => {
  expect(isIsolated(sampleTask({ extension }).task)).toBe(isolated)
})

test.each([
  ['nothing', {}, {}],
  ['the spelling of Neo', { media_type: 'a', name: 'b', url: 'c' }, { media_type: 'a', name: 'b', url: 'c' }],
  ['the spelling of the AI SDK', { mediaType: 'a', filename: 'b' }, { media_type: 'a', name: 'b' }],
  [
    'both, of which that of Neo counts',
    { media_type: 'a', mediaType: 'x', name: 'b', filename: 'y' },
    { media_type: 'a', name: 'b' },
  ],
])('a file part is read in %s', (_fact, part, read) => {
  const nothing = { type: 'file', media_type: null, name: null, url: null }
  expect(filePart({ type: 'file', ...part })).toStrictEqual({ ...nothing, ...read })
})
