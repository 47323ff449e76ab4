import { afterEach, expect, test } from 'vitest'
import {
  createEngineWorld,
  type EngineWorld,
  type EngineWorldOptions,
} from '../../../test/support/create-engine-world.ts'
import { createMemoryBlobs, createMemoryWorkspaces } from '../../../test/support/memory-files.ts'
import { createScriptedModels } from '../../../test/support/scripted-models.ts'
import { createScriptedTool } from '../../../test/support/scripted-tool.ts'
import { createFakeClock } from '../../clock/fake/create-fake-clock.ts'
import { purgedPlaceholder } from '../../domain/content.ts'
import type { Principal } from '../../domain/principal.ts'
import { eventsRoot } from '../../proof/digests.ts'
import { listFiles } from '../queries/read-files.ts'
import { addMessage } from './add-message.ts'
import { placeHold } from './place-hold.ts'
import { purgeTask } from './purge-task.ts'
import { type SubmitTask, submitTask } from './submit-task.ts'

let world: EngineWorld
afterEach(() => world.close())

const admin: Principal = {
  userId: 'admin-1',
  teamId: null,
  role: 'admin',
  dialect: 'native',
  agentId: null,
  keyId: null,
}
const other: Principal = { ...admin, userId: 'user-2', role: 'operator' }
const secret = 'the-needle'

async function open(options: EngineWorldOptions = {}) {
  world = await createEngineWorld(options)
  await world.deps.dispatcher.start()
}

async function runToEnd(over: Partial<SubmitTask> = {}) {
  const { task, run } = await world.submit(over)
  await world.attemptEnded(run.id)
  return task.id
}

/** Everything that the store says of a task, as one text. */
async function everything(taskId: string): Promise<string> {
  const events = await world.events(taskId)
  const contents = await world.store.readContents(events.flatMap((event) => Object.values(event.contents)))
  const listed = await world.store.listTasks({}, { limit: 10 })
  const runs = await world.store.listRuns(taskId)
  return JSON.stringify([events, [...contents.values()], listed, runs, await world.store.readSnapshot(taskId)])
}

test('a purge takes every word of the user, the model and the tools, and leaves the journal as it was', async () => {
  const call = { tool: 'note', input: { text: `${secret} in arguments` } }
  await open({
    steps: [{ text: `${secret} said`, calls: [call] }, { text: `${secret} at last` }],
    tools: [createScriptedTool('note', () => `${secret} as a result`)],
  })
  const taskId = await runToEnd({
    input: { text: `${secret} as a wish` },
    title: `${secret} as a title`,
    metadata: { [secret]: secret },
    extension: { kept: 'an id', private: { name: secret } },
    runExtension: { metadata: secret },
  })
  expect(await everything(taskId)).toContain(secret)
  const before = await world.events(taskId)
  const purged = await purgeTask(world.deps, world.owner, taskId)
  expect(await everything(taskId)).not.toContain(secret)
  const after = await world.events(taskId)
  expect(after.slice(0, -1)).toEqual(before)
  expect(eventsRoot(taskId, after.slice(0, before.length))).toBe(eventsRoot(taskId, before))
  const named = new Set(before.flatMap(({ contents }) => Object.values(contents)))
  expect(after.at(-1)).toMatchObject({
    kind: 'task.purged',
    facts: { by: world.owner.userId, reason: 'request', contents: named.size },
  })
  expect(purged).toEqual(await world.store.readSnapshot(taskId))
  expect(purged.task).toMatchObject({ title: purgedPlaceholder, metadata: {}, extension: { kept: 'an id' } })
  expect(purged.task).toMatchObject({ purgedAt: world.clock.now(), purgeAt: null, manifest: null })
  expect(await listFiles(world.deps, world.owner, taskId)).toEqual([])
})

test('asking again changes nothing, and after a further run its contents can be purged too', async () => {
  await open()
  const taskId = await runToEnd()
  await purgeTask(world.deps, world.owner, taskId)
  const { length } = await world.events(taskId)
  await purgeTask(world.deps, world.owner, taskId)
  expect(await world.events(taskId)).toHaveLength(length)
  const { run } = await addMessage(world.deps, world.owner, taskId, { input: { text: secret } })
  await world.attemptEnded(run.id)
  expect(await everything(taskId)).toContain(secret)
  await purgeTask(world.deps, world.owner, taskId)
  expect(await everything(taskId)).not.toContain(secret)
})

test('a further message on a purged task starts a run; the model sees stand-ins for what was said before', async () => {
  const models = createScriptedModels([{ text: 'first' }, { text: 'second' }])
  await open({ models })
  const taskId = await runToEnd({ input: { text: secret } })
  await purgeTask(world.deps, world.owner, taskId)
  const { run, task } = await addMessage(world.deps, world.owner, taskId, { input: { text: 'go on' } })
  expect(task).toMatchObject({ title: purgedPlaceholder, purgedAt: null })
  await world.attemptEnded(run.id)
  expect(models.calls.at(-1)?.messages).toMatchObject([
    { role: 'user', text: purgedPlaceholder },
    { role: 'assistant', text: purgedPlaceholder },
    { role: 'user', text: 'go on' },
  ])
  const { purgeAt, purgedAt } = (await world.store.readTask(taskId)) ?? {}
  expect(purgeAt).toBeGreaterThan(world.clock.now())
  expect(purgedAt).toBeNull()
})

test('while a run has not ended, and under a hold, it is refused', async () => {
  const held = Promise.withResolvers<void>()
  await open({ steps: [{ text: 'done', before: () => held.promise }] })
  const { task, run } = await world.submit()
  await expect(purgeTask(world.deps, world.owner, task.id)).rejects.toMatchObject({ code: 'task_busy' })
  held.resolve()
  await world.attemptEnded(run.id)
  await placeHold(world.deps, admin, task.id, 'Case 7')
  await expect(purgeTask(world.deps, world.owner, task.id)).rejects.toMatchObject({ code: 'task_held' })
  expect((await world.store.readContents([run.input])).size).toBe(1)
})

test('a hold that is placed while it is purged wins or loses as a whole', async () => {
  await open()
  for (let round = 0; round < 5; round += 1) {
    const taskId = await runToEnd()
    const [purge] = await Promise.allSettled([
      purgeTask(world.deps, world.owner, taskId),
      placeHold(world.deps, admin, taskId, 'Case 7'),
    ])
    const { task, run } = (await world.store.readSnapshot(taskId)) ?? {}
    const kept = (await world.store.readContents([run?.input ?? ''])).size === 1
    expect(kept).toBe(purge.status === 'rejected')
    expect(task).toMatchObject({ hold: 'Case 7', purgedAt: kept ? null : world.clock.now() })
  }
})

test('only who may change a task purges it', async () => {
  await open()
  const hidden = await runToEnd()
  const shown = await runToEnd({ visibility: 'public' })
  await expect(purgeTask(world.deps, other, hidden)).rejects.toMatchObject({ code: 'task_not_found' })
  await expect(purgeTask(world.deps, other, shown)).rejects.toMatchObject({ code: 'role_forbidden' })
  await expect(purgeTask(world.deps, admin, hidden)).resolves.toBeDefined()
})

test('a sub-task keeps its own contents', async () => {
  await open({ steps: [{ text: 'done' }] })
  const parent = await world.submit()
  await world.attemptEnded(parent.run.id)
  const child = await submitTask(world.deps, world.owner, {
    input: { text: secret },
    agentId: null,
    dialect: 'native',
    parent: {
      id: parent.task.id,
      rootId: parent.task.rootId,
      runId: parent.run.id,
      manifest: null,
      capabilities: ['*'],
      policy: 'default',
      pathLabels: [],
      snapshot: (await world.store.readSnapshot(parent.task.id)) ?? parent,
    },
  })
  await world.attemptEnded(child.run.id)
  await purgeTask(world.deps, world.owner, parent.task.id)
  expect((await world.store.readContents([child.run.input])).size).toBe(1)
})

test('a message with files that comes while the task is purged brings none of the purged files back', async () => {
  const clock = createFakeClock()
  const { blobs } = createMemoryBlobs(clock)
  const { workspaces } = createMemoryWorkspaces(blobs)
  let beforePut: (() => Promise<unknown>) | undefined
  await open({
    clock,
    blobs,
    workspaces: {
      ...workspaces,
      async addFiles(manifest, files) {
        const then = beforePut
        beforePut = undefined
        await then?.()
        return workspaces.addFiles(manifest, files)
      },
    },
    limits: { runs_running_max: 1 },
  })
  const taskId = await runToEnd({ files: [{ path: 'old.txt', bytes: Buffer.from(secret) }] })
  // No slot is free, so that the run is not claimed with the message.
  const busy = await world.submit({ notBefore: clock.now() })
  beforePut = () => purgeTask(world.deps, world.owner, taskId)
  const request = { input: { text: 'go on' }, files: [{ path: 'new.txt', bytes: Buffer.from('new') }] }
  const next = addMessage(world.deps, world.owner, taskId, request)
  await Promise.all([next, world.attemptEnded(busy.run.id)])
  const listed = await listFiles(world.deps, world.owner, taskId)
  expect(listed.map(({ path }) => path)).toEqual(['new.txt'])
})
