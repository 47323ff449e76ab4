import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { Principal } from '../../domain/principal.ts'
import { liftHold } from './lift-hold.ts'
import { placeHold } from './place-hold.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await createEngineWorld()
})
afterEach(() => world.close())

const adminOf = (world: EngineWorld): Principal => ({ ...world.owner, userId: 'admin-1', role: 'admin' })

test('a hold that is lifted is gone from the task, and the journal says who lifted it', async () => {
  const { task } = await world.submit()
  await placeHold(world.deps, adminOf(world), task.id, 'Case 7')
  const lifted = await liftHold(world.deps, adminOf(world), task.id)
  expect(lifted.task.hold).toBeNull()
  expect((await world.events(task.id)).at(-1)).toMatchObject({ kind: 'task.hold_lifted', facts: { by: 'admin-1' } })
})

test('lifting where there is no hold writes nothing', async () => {
  const { task } = await world.submit()
  const { length } = await world.events(task.id)
  expect((await liftHold(world.deps, adminOf(world), task.id)).task.hold).toBeNull()
  expect(await world.events(task.id)).toHaveLength(length)
})

test('the owner of a task does not lift its hold', async () => {
  const { task } = await world.submit()
  await placeHold(world.deps, adminOf(world), task.id, 'Case 7')
  await expect(liftHold(world.deps, world.owner, task.id)).rejects.toMatchObject({ code: 'role_forbidden' })
  expect((await world.store.readTask(task.id))?.hold).toBe('Case 7')
})
