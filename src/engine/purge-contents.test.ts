import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../test/support/create-engine-world.ts'
import { createMemoryBlobs, createMemoryWorkspaces } from '../../test/support/memory-files.ts'
import { watchCommits } from '../../test/support/watch-commits.ts'
import { createFakeClock } from '../clock/fake/create-fake-clock.ts'
import type { Principal } from '../domain/principal.ts'
import { addMessage } from './commands/add-message.ts'
import { placeHold } from './commands/place-hold.ts'
import type { SubmitTask } from './commands/submit-task.ts'
import { purgeContents } from './purge-contents.ts'
import { countPurgedTasks } from './purged-files.ts'

let world: EngineWorld
/** What happens right before the commit of a purge. */
let beforePurge: (() => Promise<unknown>) | undefined
let removed: string[]
afterEach(() => world.close())

async function open() {
  const clock = createFakeClock()
  const { blobs } = createMemoryBlobs(clock)
  const memory = createMemoryWorkspaces(blobs)
  removed = memory.removed
  beforePurge = undefined
  world = await createEngineWorld({
    ...{ clock, blobs, workspaces: memory.workspaces },
    wrapStore: (store) =>
      watchCommits(store, { before: async (kinds) => void (kinds.includes('task.purged') && (await beforePurge?.())) }),
  })
  await world.deps.dispatcher.start()
}

async function read(taskId: string) {
  const snapshot = await world.store.readSnapshot(taskId)
  if (snapshot === undefined) throw new Error('The task is gone.')
  return snapshot
}

async function runToEnd(over: Partial<SubmitTask> = {}) {
  const { task, run } = await world.submit(over)
  await world.attemptEnded(run.id)
  return read(task.id)
}

const by = { by: 'user-1', reason: 'request' } as const
const file = { path: 'a.txt', bytes: Buffer.from('a') }

test('a purge counts each content once, and only those since the last purge', async () => {
  await open()
  const ended = await runToEnd()
  const purged = await purgeContents(world.deps, ended, by)
  const countOf = async () => (await world.events(ended.task.id)).findLast(({ kind }) => kind === 'task.purged')?.facts
  const before = (await world.events(ended.task.id)).flatMap(({ contents }) => Object.values(contents))
  expect(await countOf()).toEqual({ ...by, contents: new Set(before).size })
  if (purged === undefined) throw new Error('It was not purged.')
  const { run } = await addMessage(world.deps, world.owner, ended.task.id, { input: { text: 'again' } })
  await world.attemptEnded(run.id)
  await purgeContents(world.deps, await read(ended.task.id), by)
  const all = (await world.events(ended.task.id)).flatMap(({ contents }) => Object.values(contents))
  expect(await countOf()).toEqual({ ...by, contents: new Set(all).size - new Set(before).size })
})

test('only a task that ever had files is recorded among those whose files are to be removed', async () => {
  await open()
  await purgeContents(world.deps, await runToEnd(), by)
  expect(await countPurgedTasks(world.deps)).toBe(0)
  const { task } = await runToEnd({ files: [file] })
  await purgeContents(world.deps, await read(task.id), by)
  expect(await countPurgedTasks(world.deps)).toBe(1)
  expect(removed).toContain(task.id)
})

test('a task that was purged since its last run is answered as it is, and nothing is written', async () => {
  await open()
  const purged = await purgeContents(world.deps, await runToEnd(), by)
  if (purged === undefined) throw new Error('It was not purged.')
  beforePurge = () => Promise.reject(new Error('It is not to be purged again.'))
  expect(await purgeContents(world.deps, purged, by)).toBe(purged)
})

test('a run that is added meanwhile keeps the contents, and no file is to be removed', async () => {
  await open()
  const ended = await runToEnd({ files: [file] })
  beforePurge = () => addMessage(world.deps, world.owner, ended.task.id, { input: { text: 'again' } })
  expect(await purgeContents(world.deps, ended, by)).toBeUndefined()
  expect((await world.store.readContents([ended.run.input])).size).toBe(1)
  expect(await countPurgedTasks(world.deps)).toBe(0)
})

test('a hold that is placed meanwhile is told as one, and keeps the contents', async () => {
  await open()
  const ended = await runToEnd()
  const admin: Principal = { ...world.owner, userId: 'admin-1', role: 'admin' }
  beforePurge = () => placeHold(world.deps, admin, ended.task.id, 'Case 7')
  await expect(purgeContents(world.deps, ended, by)).rejects.toMatchObject({ code: 'task_held' })
  expect((await world.store.readContents([ended.run.input])).size).toBe(1)
})

test('a task whose run has not ended, or that is on hold, keeps its folder', async () => {
  await open()
  const { task, run } = await world.submit({ notBefore: world.clock.now() + 1_000 })
  const queued = { code: 'task_busy', state: 'queued' }
  await expect(purgeContents(world.deps, await read(task.id), by)).rejects.toMatchObject(queued)
  const ended = await runToEnd()
  const held = { ...ended, task: { ...ended.task, hold: 'Case 7' } }
  await expect(purgeContents(world.deps, held, by)).rejects.toMatchObject({ code: 'task_held' })
  expect(removed).toEqual([])
  expect(run.state).toBe('queued')
})
