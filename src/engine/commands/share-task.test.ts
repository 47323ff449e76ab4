import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import { sampleTask, submission } from '../../../test/support/sample-tasks.ts'
import type { Principal } from '../../domain/principal.ts'
import { readSharedTask } from '../queries/read-shared-task.ts'
import { shareTask } from './share-task.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await createEngineWorld()
})
afterEach(() => world.close())

test('whoever has the code reads the task', async () => {
  const { task } = await world.submit()
  const share = await shareTask(world.deps, world.owner, task.id, { canViewPr: true })
  expect(share.code).toMatch(/^[0-9a-f]{31}a$/u)
  const shown = await readSharedTask(world.deps, share.code)
  expect(shown).toMatchObject({ share, snapshot: { task: { id: task.id } } })
  await expect(readSharedTask(world.deps, task.id)).rejects.toMatchObject({ code: 'share_not_found' })
})

test('sharing again, also at the same time, gives the same code and the last permissions', async () => {
  const { task } = await world.submit()
  const shares = await Promise.all([1, 2, 3].map((n) => shareTask(world.deps, world.owner, task.id, { n })))
  expect(new Set(shares.map(({ code }) => code)).size).toBe(1)
  const last = await shareTask(world.deps, world.owner, task.id, { n: 4 })
  expect((await readSharedTask(world.deps, last.code)).share.permissions).toEqual({ n: 4 })
})

test('only who may change a task shares it', async () => {
  const hidden = await world.submit()
  const shown = await world.submit({ visibility: 'public' })
  const other: Principal = { ...world.owner, userId: 'user-2' }
  await expect(shareTask(world.deps, other, hidden.task.id, {})).rejects.toMatchObject({ code: 'task_not_found' })
  await expect(shareTask(world.deps, other, shown.task.id, {})).rejects.toMatchObject({ code: 'role_forbidden' })
})

test('a task that runs on a machine is not shared', async () => {
  const sample = sampleTask({ ownerId: 'user-1', place: 'machine:m1' })
  await world.store.commit(submission(sample))
  await expect(shareTask(world.deps, world.owner, sample.task.id, {})).rejects.toMatchObject({
    code: 'content_sealed',
  })
})
