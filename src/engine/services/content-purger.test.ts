import { afterEach, expect, test } from 'vitest'
import {
  createEngineWorld,
  type EngineWorld,
  type EngineWorldOptions,
} from '../../../test/support/create-engine-world.ts'
import { createMemoryBlobs, createMemoryWorkspaces } from '../../../test/support/memory-files.ts'
import { started } from '../../../test/support/started.ts'
import { testPolicy } from '../../../test/support/test-policies.ts'
import { createFakeClock } from '../../clock/fake/create-fake-clock.ts'
import { dayMs } from '../../domain/durations.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { Store } from '../../store/store.ts'
import { addMessage } from '../commands/add-message.ts'
import { liftHold } from '../commands/lift-hold.ts'
import { placeHold } from '../commands/place-hold.ts'
import { purgeTask } from '../commands/purge-task.ts'
import type { SubmitTask } from '../commands/submit-task.ts'
import { graceMs } from '../purged-files.ts'
import { createContentPurger } from './content-purger.ts'

const minuteMs = 60_000
const policies = [0, 1, 2].map((days) => testPolicy({ name: `days_${days}`, retention_days: days }))

const worlds: EngineWorld[] = []
const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  for (const world of worlds.splice(0).reverse()) await world.close()
})

async function open(options: EngineWorldOptions = {}) {
  const clock = createFakeClock()
  const { blobs, texts } = createMemoryBlobs(clock)
  const { workspaces, removed } = createMemoryWorkspaces(blobs)
  const world = await createEngineWorld({ policies, blobs, workspaces, clock, ...options })
  worlds.push(world)
  await world.deps.dispatcher.start()
  const admin: Principal = { ...world.owner, userId: 'admin-1', role: 'admin' }
  const endedTask = async (days: number, over: Partial<SubmitTask> = {}) => {
    const { task, run } = await world.submit({ policy: `days_${days}`, ...over })
    await world.attemptEnded(run.id)
    return task.id
  }
  const isPurged = async (taskId: string) => (await world.store.readTask(taskId))?.purgedAt !== null
  const fileTexts = () =>
    texts()
      .filter((text) => !text.startsWith('{'))
      .sort()
  return { ...world, admin, texts, files: fileTexts, removed, endedTask, isPurged }
}

type World = Awaited<ReturnType<typeof open>>

/** `looked` resolves with the next look that ends; `purged` collects. */
function startPurger({ deps }: World) {
  const purged: string[] = []
  const looks: [number, number][] = []
  const stop = started(
    createContentPurger(deps, {
      purged: (taskId) => purged.push(taskId),
      polled: (tasks, files) => looks.push([tasks, files]),
    }),
  )
  stops.push(stop)
  const looked = (count: number) => worlds[0]?.clock.until(() => looks.length >= count)
  return { purged, looks, looked, stop }
}

const files = (...texts: string[]) => texts.map((text) => ({ path: `${text}.txt`, bytes: Buffer.from(text) }))

test('contents are purged when their time has come, each task by the retention of its own policy', async () => {
  const world = await open()
  const [short, long] = [await world.endedTask(1), await world.endedTask(2)]
  const { purged, looks, looked } = startPurger(world)
  await looked(1)
  world.clock.advance(dayMs - 1)
  await looked(2)
  expect(purged).toEqual([])
  const before = looks.length
  world.clock.advance(minuteMs)
  await looked(before + 1)
  expect(purged).toEqual([short])
  expect(await world.isPurged(short)).toBe(true)
  expect((await world.events(short)).at(-1)).toMatchObject({
    kind: 'task.purged',
    facts: { by: 'retention', reason: 'retention' },
  })
  expect(await world.isPurged(long)).toBe(false)
})

test('it sleeps until the next due instant, and no longer than a minute', async () => {
  const world = await open()
  await world.endedTask(1)
  const { looked, purged } = startPurger(world)
  await looked(1)
  world.clock.advance(minuteMs)
  await looked(2)
  // A minute's grid would come 15 seconds late.
  for (let left = dayMs - minuteMs - 15_000, look = 3; left > 0; look += 1) {
    const step = Math.min(left, 3_600_000)
    world.clock.advance(step)
    left -= step
    await looked(look)
  }
  expect(purged).toEqual([])
  world.clock.advance(15_000)
  await world.clock.until(() => purged.length === 1)
})

test('what ends under a policy that keeps nothing goes within a minute', async () => {
  const world = await open()
  const { looked, purged } = startPurger(world)
  await looked(1)
  const taskId = await world.endedTask(0)
  world.clock.advance(minuteMs)
  await world.clock.until(() => purged.length === 1)
  expect(purged).toEqual([taskId])
})

test('what is held stays, and goes when the hold is lifted', async () => {
  const world = await open()
  const taskId = await world.endedTask(0)
  await placeHold(world.deps, world.admin, taskId, 'Case 7')
  const { looked, purged } = startPurger(world)
  await looked(1)
  expect(purged).toEqual([])
  await liftHold(world.deps, world.admin, taskId)
  world.clock.advance(minuteMs)
  await world.clock.until(() => purged.length === 1)
  expect(await world.isPurged(taskId)).toBe(true)
})

test('many are purged in one look, and one that cannot be is left for the next', async () => {
  let broken = ''
  const world = await open({
    wrapStore: (store) => ({
      ...store,
      readSnapshot: (id) => (id === broken ? Promise.reject(new Error('unreadable')) : store.readSnapshot(id)),
    }),
  })
  const tasks: string[] = []
  for (let count = 0; count < 25; count += 1) tasks.push(await world.endedTask(0))
  broken = tasks[3] ?? ''
  const { looked, purged, looks } = startPurger(world)
  await looked(1)
  expect(looks[0]).toEqual([24, 0])
  expect(purged).not.toContain(broken)
  expect(world.errors).toMatchObject([{ facts: { task: broken } }])
  broken = ''
  world.clock.advance(minuteMs)
  await world.clock.until(() => purged.length === 25)
})

test('while the disk refuses nothing is lost, and it goes on when the disk does', async () => {
  let ill = true
  const world = await open({
    wrapStore: (store): Store => ({
      ...store,
      listPurgeable: (now, limit) =>
        ill ? Promise.reject(new Refusal('storage_unavailable', 'no')) : store.listPurgeable(now, limit),
    }),
  })
  const taskId = await world.endedTask(0)
  const { looked, purged, looks } = startPurger(world)
  await looked(1)
  expect(looks).toEqual([[0, 0]])
  ill = false
  world.clock.advance(minuteMs)
  await world.clock.until(() => purged.length === 1)
  expect(purged).toEqual([taskId])
})

test('the folder goes with the purge, and bytes that no other task has go after the grace', async () => {
  const world = await open()
  const own = await world.endedTask(1, { files: files('mine', 'shared') })
  await world.endedTask(2, { files: files('theirs', 'shared') })
  world.clock.advance(1)
  await purgeTask(world.deps, world.owner, own)
  expect(world.removed).toEqual([own])
  const { looked, looks } = startPurger(world)
  await looked(1)
  expect(world.texts()).toContain('mine')
  world.clock.advance(graceMs)
  await world.clock.until(() => looks.some(([, filesOf]) => filesOf === 1))
  expect(world.files()).toEqual(['shared', 'theirs'])
  expect(world.texts().filter((text) => text.includes('mine'))).toEqual([])
})

test('bytes that somebody put again stay until no manifest has come to name them', async () => {
  const world = await open()
  const taskId = await world.endedTask(1, { files: files('mine', 'again') })
  world.clock.advance(1)
  await purgeTask(world.deps, world.owner, taskId)
  world.clock.advance(1)
  // Put, and never committed: a run that was cut.
  await world.deps.blobs.put(Buffer.from('mine'))
  const message = { input: { text: 'go on' }, files: files('again') }
  const { run } = await addMessage(world.deps, world.owner, taskId, message)
  await world.attemptEnded(run.id)
  const { looked, looks } = startPurger(world)
  await looked(1)
  world.clock.advance(graceMs - 1)
  await looked(2)
  expect(world.files()).toEqual(['again', 'mine'])
  world.clock.advance(graceMs)
  await world.clock.until(() => looks.some(([, filesOf]) => filesOf === 1))
  expect(world.files()).toEqual(['again'])
})

test('a process that dies between the purge and the removal of the files leaves them to the next', async () => {
  const world = await open()
  const taskId = await world.endedTask(1, { files: files('mine') })
  world.clock.advance(1)
  await purgeTask(world.deps, world.owner, taskId)
  const { blobs, workspaces } = world.deps
  const next = await createEngineWorld({ beside: world, blobs, workspaces })
  world.clock.advance(graceMs)
  const looks: number[] = []
  stops.push(started(createContentPurger(next.deps, { polled: (_, filesOf) => looks.push(filesOf) })))
  await world.clock.until(() => looks.length === 1)
  expect(looks).toEqual([1])
  expect(world.texts()).toEqual([])
  await next.stop()
})

test('once it is stopped it touches nothing', async () => {
  const world = await open()
  const { looked, purged, stop } = startPurger(world)
  await looked(1)
  await stop()
  await world.endedTask(0)
  world.clock.advance(10 * minuteMs)
  expect(world.clock.waiting).toBe(0)
  expect(purged).toEqual([])
})
