import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { Principal } from '../../domain/principal.ts'
import { liftHold } from './lift-hold.ts'
import { placeHold } from './place-hold.ts'

let world: EngineWorld
let admin: Principal
beforeEach(async () => {
  world = await createEngineWorld()
  await world.deps.dispatcher.start()
  admin = { ...world.owner, userId: 'admin-1', role: 'admin' }
})
afterEach(() => world.close())

async function endedTask() {
  const { task, run } = await world.submit()
  await world.attemptEnded(run.id)
  return task.id
}
const kindsOf = async (taskId: string) => (await world.events(taskId)).map(({ kind }) => kind)

test('a hold keeps a task from being purgeable until it is lifted, and both stand in the journal', async () => {
  const taskId = await endedTask()
  const { purgeAt } = (await world.store.readTask(taskId)) ?? {}
  const due = (purgeAt ?? 0) + 1
  const held = await placeHold(world.deps, admin, taskId, ' Case 7 ')
  expect(held).toEqual(await world.store.readSnapshot(taskId))
  expect(held.task).toMatchObject({ hold: 'Case 7', purgeAt })
  expect(await world.store.listPurgeable(due, 10)).toEqual([])
  const lifted = await liftHold(world.deps, admin, taskId)
  expect(lifted).toEqual(await world.store.readSnapshot(taskId))
  expect(await world.store.listPurgeable(due, 10)).toEqual([taskId])
  expect((await world.events(taskId)).slice(-2)).toMatchObject([
    { kind: 'task.hold_placed', facts: { by: 'admin-1', reason: 'Case 7' } },
    { kind: 'task.hold_lifted', facts: { by: 'admin-1' } },
  ])
})

test('another reason takes the place of the first; the same again, and lifting what is not there, change nothing', async () => {
  const taskId = await endedTask()
  await liftHold(world.deps, admin, taskId)
  await placeHold(world.deps, admin, taskId, 'Case 7')
  await placeHold(world.deps, admin, taskId, 'Case 7')
  const { task } = await placeHold(world.deps, admin, taskId, 'Case 8')
  expect(task.hold).toBe('Case 8')
  expect((await kindsOf(taskId)).filter((kind) => kind.startsWith('task.hold'))).toEqual([
    'task.hold_placed',
    'task.hold_placed',
  ])
})

test('a hold that is placed while the run ends loses nothing of either', async () => {
  const answered = Promise.withResolvers<void>()
  let afterRead: (() => Promise<void>) | undefined
  await world.close()
  world = await createEngineWorld({
    steps: [{ text: 'done', before: () => answered.promise }],
    wrapStore: (store) => ({
      ...store,
      async readSnapshot(id) {
        const snapshot = await store.readSnapshot(id)
        const then = afterRead
        afterRead = undefined
        await then?.()
        return snapshot
      },
    }),
  })
  await world.deps.dispatcher.start()
  const { task, run } = await world.submit()
  await world.event(task.id, 'step.started')
  afterRead = async () => {
    answered.resolve()
    await world.attemptEnded(run.id)
  }
  await placeHold(world.deps, admin, task.id, 'Case 7')
  const row = await world.store.readTask(task.id)
  expect(row).toMatchObject({ hold: 'Case 7', state: 'succeeded' })
  expect(row?.purgeAt).toBeGreaterThan(world.clock.now())
})

test('it takes an administrator and a reason of a bounded length', async () => {
  const taskId = await endedTask()
  const auditor: Principal = { ...admin, role: 'auditor' }
  for (const principal of [world.owner, auditor, { ...admin, agentId: 'agent-1' }]) {
    await expect(placeHold(world.deps, principal, taskId, 'x')).rejects.toMatchObject({ code: 'role_forbidden' })
    await expect(liftHold(world.deps, principal, taskId)).rejects.toMatchObject({ code: 'role_forbidden' })
  }
  for (const reason of ['', '  ', 'x'.repeat(501)]) {
    await expect(placeHold(world.deps, admin, taskId, reason)).rejects.toMatchObject({
      code: 'invalid_input',
      fields: [{ field: 'reason' }],
    })
  }
  await expect(placeHold(world.deps, admin, 'absent', 'x')).rejects.toMatchObject({ code: 'task_not_found' })
  await expect(placeHold(world.deps, admin, taskId, 'x'.repeat(500))).resolves.toBeDefined()
})
