import { afterEach, expect, test } from 'vitest'
import type { InboxPage, PromptPage, PromptView } from '../../../src/api/native/contract/prompt.ts'
import { createWorld, type World, type WorldOptions } from '../../support/create-world.ts'
import { type Frame, type FrameReader, NotAStream, readSse } from '../../support/read-stream.ts'
import { createRestartableStore } from '../../support/restartable-store.ts'
import { createScriptedModels } from '../../support/scripted-models.ts'
import { until } from '../../support/until.ts'

let world: World
let address = ''
const readers: FrameReader[] = []
const asking = [{ text: 'I ask', calls: [{ tool: 'ask_question', input: { question: 'Which color?' } }] }]
const askAgain = Array.from({ length: 6 }, () => asking).flat()

async function open(options: WorldOptions = {}): Promise<void> {
  world = await createWorld({ models: createScriptedModels(askAgain), ...options })
  address = await world.listen()
}
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.close()
  await world.close()
})

async function watch(query = '', headers: Record<string, string> = {}, caller = world.admin): Promise<FrameReader> {
  const reader = await readSse(`${address}/mandate/v1/prompts${query}`, { ...caller.headers, ...headers })
  readers.push(reader)
  return reader
}
const take = async (reader: FrameReader, count: number): Promise<Frame[]> => {
  const frames: Frame[] = []
  for (let at = 0; at < count; at += 1) {
    const frame = await reader.next()
    if (frame !== undefined) frames.push(frame)
  }
  return frames
}
const shown = (frames: readonly Frame[]) => frames.map(({ seq, type, data }) => [seq, type, data['id']])

/** Has a task ask, with the agent of the caller, and answers with its prompt. */
async function ask(caller = world.admin): Promise<PromptView> {
  const { id: agent_id } = (await world.call('POST', '/v1/agents', { name: 'painter' }, caller)).json()
  const body = { input: 'paint', ask_question: true, agent_id }
  const { id } = (await world.call('POST', '/v1/tasks', body, caller)).json()
  let asked: PromptView | undefined
  await until('the question', async () => {
    const page = await world.call('GET', `/v1/tasks/${id}/prompts`, undefined, caller)
    asked = page.json<PromptPage>().prompts[0]
    return asked !== undefined
  })
  if (asked === undefined) throw new Error('Nothing was asked.')
  return asked
}
const settle = async (id: string) =>
  expect(
    (await world.call('POST', `/v1/prompts/${id}/answer`, { data: { answers: { answer: 'red' } } })).statusCode,
  ).toBe(200)

/** One prompt that was opened and settled, and asks again; and the two changes of a further task. */
async function threeChanges() {
  const first = await ask()
  await world.call('POST', `/v1/tasks/${first.task.id}/cancel`, {})
  const second = await ask()
  return { first, second }
}

test('an inbox is streamed as it is opened and settled, each with the prompt as it was then', async () => {
  await open()
  const reader = await watch()
  const asked = await ask()
  const [opened] = await take(reader, 1)
  expect(opened).toEqual({ seq: 1, type: 'prompt.opened', data: asked })
  await settle(asked.id)
  const [settled] = await take(reader, 1)
  expect(settled).toMatchObject({ seq: 2, type: 'prompt.settled', data: { id: asked.id, state: 'answered' } })
  expect(settled?.data).toEqual((await world.call('GET', `/v1/prompts/${asked.id}`)).json())
})

test('a reader that comes back is given each change once and in order, by Last-Event-ID and by after', async () => {
  await open()
  const { first, second } = await threeChanges()
  const all = [
    [1, 'prompt.opened', first.id],
    [2, 'prompt.settled', first.id],
    [3, 'prompt.opened', second.id],
  ]
  expect(shown(await take(await watch(), 3))).toEqual(all)
  for (let seen = 0; seen < 3; seen += 1) {
    const byHeader = await watch('?after=0', { 'last-event-id': String(seen) })
    expect(shown(await take(byHeader, 3 - seen))).toEqual(all.slice(seen))
    expect(shown(await take(await watch(`?after=${seen}`), 3 - seen))).toEqual(all.slice(seen))
  }
  // The opened prompt is shown as it was opened, although it was settled before it was read.
  const [opened] = await take(await watch(), 1)
  expect(opened?.data).toMatchObject({ state: 'open', settled_at: null, may_answer: true })
})

test('a stream goes on after the change that the page was read at', async () => {
  await open()
  const { second } = await threeChanges()
  const page = (await world.call('GET', '/v1/prompts')).json<InboxPage>()
  expect(page).toMatchObject({ last_change: 3, prompts: [{ id: second.id }] })
  const reader = await watch(`?after=${page.last_change}`)
  await settle(second.id)
  expect(shown(await take(reader, 1))).toEqual([[4, 'prompt.settled', second.id]])
})

test('after a restart the stream goes on where it was', async () => {
  const restart = createRestartableStore()
  await open({ wrapStore: restart.before })
  const before = world
  const asked = await ask()
  expect(shown(await take(await watch(), 1))).toEqual([[1, 'prompt.opened', asked.id]])
  await before.call('POST', `/v1/tasks/${asked.task.id}/cancel`, {})
  const owner = before.admin
  await before.close()
  await open({ wrapStore: restart.after, started: false })
  const reader = await watch('', { 'last-event-id': '1' }, owner)
  expect(shown(await take(reader, 1))).toEqual([[2, 'prompt.settled', asked.id]])
})

test('nobody is streamed what they may not answer', async () => {
  await open()
  const mine = await world.addCaller('operator', { teamId: 'red' })
  const approver = await world.addCaller('approver', { teamId: 'red' })
  const other = await world.addCaller('operator', { teamId: 'red' })
  const asked = await ask(mine)
  const admins = await ask()
  const theirs = await ask(other)
  expect(shown(await take(await watch('', {}, mine), 1))).toEqual([[1, 'prompt.opened', asked.id]])
  expect(shown(await take(await watch('', {}, other), 1))).toEqual([[3, 'prompt.opened', theirs.id]])
  expect((await take(await watch(), 3)).map(({ data }) => data['id'])).toEqual([asked.id, admins.id, theirs.id])
  expect((await take(await watch('', {}, approver), 2)).map(({ data }) => data['id'])).toEqual([asked.id, theirs.id])
  const reader = await watch('', {}, await world.addCaller('approver', { teamId: 'blue' }))
  await world.app.close()
  expect((await reader.all()).filter(({ type }) => type.startsWith('prompt.'))).toEqual([])
})

test('a stream ends with the key that opened it, and says so', async () => {
  await open()
  const caller = await world.addCaller('operator')
  const reader = await watch('', {}, caller)
  expect((await world.call('DELETE', `/v1/keys/${caller.keyId}`)).statusCode).toBeLessThan(300)
  expect(await reader.all()).toMatchObject([{ type: 'problem', data: { code: 'unauthenticated' } }])
})

test('a stopping server ends the stream, and the reader resumes elsewhere', async () => {
  await open()
  const reader = await watch()
  await world.app.close()
  expect(await reader.all()).toEqual([])
})

test('a cursor that does not exist yet, one that is none, and paging of a stream are refused before it begins', async () => {
  await open({ limits: { streams_max: 1 } })
  const refused = async (query: string, headers: Record<string, string>, field: string) => {
    const why = await watch(query, headers).catch((error: unknown) => error)
    if (!(why instanceof NotAStream)) throw new Error(`${query} was not refused.`)
    expect(await why.response.json()).toMatchObject({ code: 'invalid_input', errors: [{ field }] })
  }
  await refused('?after=1', {}, 'after')
  await refused('', { 'last-event-id': 'x' }, 'Last-Event-ID')
  await refused('?limit=5', {}, 'limit')
  await refused('?wait=5', {}, 'wait')
  const page = await world.call('GET', '/v1/prompts?after=0')
  expect(page.json()).toMatchObject({ code: 'invalid_input', errors: [{ field: 'after' }] })
  await watch() // none of the refused ones has kept its place
  const full = await watch().catch((error: unknown) => error)
  expect((full as NotAStream).response.status).toBe(429)
})
