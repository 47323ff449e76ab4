import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { Principal } from '../../domain/principal.ts'
import { createTeam } from './create-team.ts'
import { createUser } from './create-user.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await createEngineWorld()
})
afterEach(() => world.close())

const adminOf = (world: EngineWorld): Principal => ({ ...world.owner, userId: 'admin-1', role: 'admin' })

test('a user is on disk when the command resolves, in the team that was named', async () => {
  const team = await createTeam(world.deps, adminOf(world), { name: 'red' })
  const user = await createUser(world.deps, adminOf(world), { name: 'Ada', teamId: team.id })
  expect(user).toMatchObject({ name: 'Ada', teamId: team.id, email: null })
  expect(await world.store.readUser(user.id)).toEqual(user)
})

test('a team that is not there is refused by its field', async () => {
  const created = createUser(world.deps, adminOf(world), { name: 'Ada', teamId: 'no-such-team' })
  await expect(created).rejects.toMatchObject({ code: 'team_not_found', fields: [{ field: 'team_id' }] })
})

test('only administrators create users', async () => {
  await expect(createUser(world.deps, world.owner, { name: 'Ada' })).rejects.toMatchObject({ code: 'role_forbidden' })
})
