import { afterEach, expect, test } from 'vitest'
import { createScriptedModels } from '../../support/scripted-models.ts'
import { anyUuid, chunksOf, type Neo, openNeo } from './open-neo.ts'

let neo: Neo
afterEach(() => neo.world.close())

const open = async (...texts: string[]) => {
  const models = createScriptedModels(texts.map((text) => ({ text })))
  neo = await openNeo({ models })
  return { ...neo, models }
}
const trigger = 'regenerate-message'
type Thread = { messages: { role: string; parts: { text?: string }[] }[]; streams: { stream_id: string }[] }
const saidBy = ({ messages }: Thread, role: string) =>
  messages.filter((message) => message.role === role).map(({ parts }) => parts.map(({ text }) => text).join(''))

test('the last message is answered once more, whatever the request says that it was', async () => {
  const { submit, ended, create, read, models } = await open('first answer', 'second answer')
  const { id } = await submit({ task: 'the real question' })
  await ended(id)
  const messages = [{ role: 'user', parts: [{ type: 'text', text: 'another question' }] }]
  const answer = await create({ id, messages, trigger, messageId: undefined })
  expect(answer.statusCode, answer.body).toBe(200)
  expect(chunksOf(answer.body).at(-1)).toMatchObject({ type: 'finish', messageMetadata: { status: 'completed' } })
  const thread = await read(id)
  expect(saidBy(thread, 'user')).toEqual(['the real question', 'the real question'])
  expect(saidBy(thread, 'assistant')).toEqual(['first answer', 'second answer'])
  expect(models.calls.at(-1)?.messages.at(-1)).toEqual({ role: 'user', text: 'the real question' })
})

test('regenerate says the same as the trigger', async () => {
  const { submit, ended, read } = await open('one', 'two')
  const { id } = await submit({ task: 'the question' })
  await ended(id)
  expect((await submit({ id, regenerate: true })).id).toBe(id)
  await ended(id)
  expect(saidBy(await read(id), 'assistant')).toEqual(['one', 'two'])
  await submit({ id, task: 'another', regenerate: false })
  await ended(id)
  expect(saidBy(await read(id), 'user')).toEqual(['the question', 'the question', 'another'])
})

test('it is answered under what was asked for before, unless the request says otherwise', async () => {
  const { submit, ended, read } = await open('done')
  const wishes = { mode: 'chat', max_steps: 7, secrets: ['A'], ask_question: true, max_iterations: 2 }
  const { id } = await submit({ task: 'x', ...wishes })
  await ended(id)
  await submit({ id, trigger, max_steps: 9 })
  const { streams } = await read(id)
  expect(streams[1].run_config).toEqual({ ...streams[0].run_config, max_steps: 9 })
})

test('a message that was given to a run under way is the last one', async () => {
  const first = Promise.withResolvers<void>()
  const models = createScriptedModels([{ text: 'one', before: () => first.promise }, { text: 'two' }])
  neo = await openNeo({ models })
  const { submit, ended, read, journaled } = neo
  const { id } = await submit({ task: 'the question' })
  await journaled(id, 'step.started')
  await submit({ id, task: 'and the second' })
  first.resolve()
  await ended(id)
  await submit({ id, trigger })
  await ended(id)
  expect(saidBy(await read(id), 'user')).toEqual(['the question', 'and the second', 'and the second'])
})

test('only the last answer can be made again: an earlier one is refused, an unknown id is none', async () => {
  const { submit, ended, read, create } = await open('done')
  const { id } = await submit({ task: 'one' })
  await ended(id)
  await submit({ id, task: 'two' })
  await ended(id)
  const runs = async () => (await read(id)).streams.map(({ stream_id }: { stream_id: string }) => stream_id)
  const [first] = await runs()
  const earlier = await create({ id, trigger, messageId: first })
  expect([earlier.statusCode, earlier.json().details]).toMatchObject([400, [{ field: 'messageId' }]])
  expect(await runs()).toHaveLength(2)
  for (const messageId of ['', '.7']) {
    await submit({ id, trigger, messageId: `${(await runs()).at(-1)}${messageId}` })
    await ended(id)
  }
  await submit({ id, trigger, messageId: 'some-id-of-the-client' })
  expect(await runs()).toHaveLength(5)
})

test('while the task is at work or paused there is no last answer: 409', async () => {
  neo = await openNeo({ started: false })
  const { submit, create, world, read } = neo
  const { id } = await submit({ task: 'x' })
  const busy = await create({ id, trigger })
  expect([busy.statusCode, busy.json().code, busy.headers['retry-after']]).toEqual([409, 'task_busy', '1'])
  await world.call('POST', `/mandate/v1/tasks/${id}/stop`, {})
  expect((await read(id)).task.status).toBe('suspended')
  expect((await create({ id, trigger })).statusCode).toBe(409)
  expect(saidBy(await read(id), 'user')).toEqual(['x'])
})

test('of a task that is not there it is a first message, and of one of somebody else too', async () => {
  const { submit, read, create, world } = await open('done')
  const messages = [{ role: 'user', parts: [{ type: 'text', text: 'hello' }] }]
  const id = '11111111-2222-4333-8444-555555555555'
  expect((await submit({ id, messages, trigger })).id).toBe(id)
  const stranger = await world.addCaller('operator', { dialect: 'neo' })
  const theirs = await submit({ id, messages, trigger }, stranger)
  expect(theirs.id).toMatch(anyUuid)
  expect(theirs.id).not.toBe(id)
  expect(saidBy(await read(id), 'user')).toEqual(['hello'])
  const nothing = await create({ trigger })
  expect([nothing.statusCode, nothing.json().code]).toEqual([400, 'validation_error'])
})

test('a message whose content is gone cannot be repeated', async () => {
  const { submit, ended, create, world } = await open('done')
  const { id } = await submit({ task: 'x' })
  await ended(id)
  expect((await world.call('POST', `/v1/tasks/${id}/purge`, {})).statusCode).toBe(200)
  const answer = await create({ id, trigger })
  expect([answer.statusCode, answer.json().details]).toMatchObject([400, [{ field: 'trigger' }]])
})
