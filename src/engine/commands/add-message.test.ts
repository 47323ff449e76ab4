import { afterEach, expect, test } from 'vitest'
import {
  createEngineWorld,
  type EngineWorld,
  type EngineWorldOptions,
} from '../../../test/support/create-engine-world.ts'
import type { ScriptedModels } from '../../../test/support/scripted-models.ts'
import { createScriptedTool } from '../../../test/support/scripted-tool.ts'
import { watchCommits } from '../../../test/support/watch-commits.ts'
import { type AddMessage, addMessage } from './add-message.ts'
import { cancelRun } from './cancel-run.ts'
import { stopRun } from './stop-run.ts'

let world: EngineWorld
afterEach(() => world.close())

async function open(options: EngineWorldOptions = {}, isStarted = true): Promise<void> {
  world = await createEngineWorld(options)
  if (isStarted) await world.deps.dispatcher.start()
}

const add = (taskId: string, request: Partial<AddMessage> = {}) =>
  addMessage(world.deps, world.owner, taskId, { input: { text: 'and now?' }, ...request })
const kindsOf = async (taskId: string) => (await world.events(taskId)).map(({ kind }) => kind)

async function ended() {
  const { task, run } = await world.submit()
  await world.attemptEnded(run.id)
  return task
}

test('a message on an ended task starts its next run, with the place and the priority of the one before', async () => {
  await open()
  const { task, run } = await world.submit({ priority: 8 })
  await world.attemptEnded(run.id)
  const added = await add(task.id)
  expect(added.run).toMatchObject({ turn: 2, priority: 8, place: run.place })
  expect(added.run.id).not.toBe(run.id)
  await world.attemptEnded(added.run.id)
  const kinds = await kindsOf(task.id)
  expect(kinds.slice(kinds.lastIndexOf('message.added'))).toEqual([
    'message.added',
    'run.queued',
    'run.claimed',
    'step.started',
    'model.responded',
    'run.succeeded',
  ])
})

test('the next run has the priority that the message asks for', async () => {
  await open()
  const { id } = await ended()
  expect((await add(id, { priority: 2 })).run.priority).toBe(2)
})

test('a queued run gets the message and stays where it stands', async () => {
  await open({}, false)
  const { task, run } = await world.submit()
  const added = await add(task.id)
  expect(added.run).toMatchObject({ id: run.id, state: 'queued' })
  expect((await kindsOf(task.id)).slice(-2)).toEqual(['run.queued', 'message.added'])
})

test('a paused run is resumed by the commit of its message, and reads it', async () => {
  await open({}, false)
  const { task, run } = await world.submit()
  await stopRun(world.deps, world.owner, task.id)
  await world.deps.dispatcher.start()
  const added = await add(task.id)
  expect(added.run).toMatchObject({ id: run.id, state: 'queued' })
  expect((await kindsOf(task.id)).slice(3, 6)).toEqual(['run.paused', 'message.added', 'run.resumed'])
  await world.attemptEnded(run.id)
  const [asked] = (world.deps.models as ScriptedModels).calls
  expect(asked?.messages.map((message) => message.role === 'user' && message.text)).toEqual(['do it', 'and now?'])
})

test.each([
  ['files', { files: [{ path: 'a.txt', bytes: new Uint8Array() }] }],
  ['a dialect that takes none meanwhile', { onlyWhenIdle: true }],
  ['fewer tools', { heldTo: { tools: [] } }],
  ['fewer steps', { heldTo: { stepsMax: 1 } }],
])('a run under way gets no message with %s', async (_, request) => {
  await open({ tools: [createScriptedTool('note', () => 'ok')] }, false)
  const { task } = await world.submit()
  const before = await kindsOf(task.id)
  await expect(add(task.id, request)).rejects.toMatchObject({ code: 'task_busy', retryAfterMs: 1_000 })
  expect(await kindsOf(task.id)).toEqual(before)
})

test('a run that is held to the restraints of a message gets it', async () => {
  await open({ tools: [createScriptedTool('note', () => 'ok')] }, false)
  const { task, run } = await world.submit({ tools: [] })
  expect((await add(task.id, { heldTo: { tools: [] } })).run.id).toBe(run.id)
})

test('a dialect whose tasks end once adds to none that has ended', async () => {
  await open()
  const { id } = await ended()
  await expect(add(id, { onlyWhileOpen: true })).rejects.toMatchObject({ code: 'run_settled' })
})

test('an agent that takes no tasks starts no further run', async () => {
  await open()
  const { id } = await ended()
  const stopped = { ...world.agent, state: 'stopped' as const }
  await world.store.commit({ write: [{ kind: 'save_agent', agent: stopped }] })
  await expect(add(id)).rejects.toMatchObject({ code: 'agent_unavailable' })
})

test('a run that ends while its message is committed does not lose it: the message starts the next run', async () => {
  let meanwhile: (() => Promise<unknown>) | undefined
  const before = async () => {
    const once = meanwhile
    meanwhile = undefined
    await once?.()
  }
  await open({ wrapStore: (store) => watchCommits(store, { before }) }, false)
  const { task, run } = await world.submit()
  meanwhile = () => cancelRun(world.deps, world.owner, task.id)
  const added = await add(task.id)
  expect(added.run.turn).toBe(2)
  expect(added.run.id).not.toBe(run.id)
  expect((await kindsOf(task.id)).slice(3)).toEqual(['run.cancelled', 'message.added', 'run.queued'])
})

test('two messages at once on an ended task make one further run, which has both', async () => {
  await open({}, false)
  const { task } = await world.submit()
  await cancelRun(world.deps, world.owner, task.id)
  const [one, other] = await Promise.all([add(task.id), add(task.id)])
  expect(one.run.id).toBe(other.run.id)
  const kinds = await kindsOf(task.id)
  expect(kinds.filter((kind) => kind === 'message.added')).toHaveLength(3)
  expect(kinds.filter((kind) => kind === 'run.queued')).toHaveLength(2)
})

test('only whoever may change the task, or submitted it with this key, adds to it', async () => {
  await open({}, false)
  const { task } = await world.submit()
  const stranger = { ...world.owner, userId: 'user-2' }
  await expect(addMessage(world.deps, stranger, task.id, { input: { text: 'x' } })).rejects.toMatchObject({
    code: 'task_not_found',
  })
  const viewer = { ...world.owner, role: 'viewer' as const }
  await expect(addMessage(world.deps, viewer, task.id, { input: { text: 'x' } })).rejects.toMatchObject({
    code: 'role_forbidden',
  })
})
