import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { Principal } from '../../domain/principal.ts'
import { createUser } from './create-user.ts'
import { updateUser } from './update-user.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await createEngineWorld()
})
afterEach(() => world.close())

const adminOf = (world: EngineWorld): Principal => ({ ...world.owner, userId: 'admin-1', role: 'admin' })

test('what is given is changed and the rest stays', async () => {
  const user = await createUser(world.deps, adminOf(world), { name: 'Ada', email: 'ada@example.com' })
  const updated = await updateUser(world.deps, adminOf(world), user.id, { name: 'Lovelace' })
  expect(updated).toEqual({ ...user, name: 'Lovelace' })
  expect(await world.store.readUser(user.id)).toEqual(updated)
})

test('a change that is refused changes nothing', async () => {
  const user = await createUser(world.deps, adminOf(world), { name: 'Ada' })
  const refused = async (settings: object, code: string) =>
    expect(updateUser(world.deps, adminOf(world), user.id, settings)).rejects.toMatchObject({ code })
  await refused({ name: ' ' }, 'invalid_input')
  await refused({ teamId: 'no-such-team' }, 'team_not_found')
  expect(await world.store.readUser(user.id)).toEqual(user)
})

test('a user who is not there, and who does not administer, are refused', async () => {
  const updated = updateUser(world.deps, adminOf(world), 'no-such-user', { name: 'x' })
  await expect(updated).rejects.toMatchObject({ code: 'user_not_found' })
  await expect(updateUser(world.deps, world.owner, 'x', {})).rejects.toMatchObject({ code: 'role_forbidden' })
})
