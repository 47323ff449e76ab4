import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { Principal } from '../../domain/principal.ts'
import { createTeam } from './create-team.ts'
import { updateTeam } from './update-team.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await createEngineWorld()
})
afterEach(() => world.close())

const adminOf = (world: EngineWorld): Principal => ({ ...world.owner, userId: 'admin-1', role: 'admin' })

test('what is given is changed and the rest stays; the webhook follows its URL', async () => {
  const admin = adminOf(world)
  const url = 'https://hooks.example.com/red'
  const team = await createTeam(world.deps, admin, { name: 'red', webhookUrl: url })
  const renamed = await updateTeam(world.deps, admin, team.id, { name: 'blue' })
  expect(renamed).toEqual({ ...team, name: 'blue' })
  expect(await world.store.readTeam(team.id)).toEqual(renamed)
  expect(await world.store.readTeamEndpoint(team.id)).toMatchObject({ url })
  await updateTeam(world.deps, admin, team.id, { webhookUrl: null })
  expect(await world.store.readTeamEndpoint(team.id)).toBeUndefined()
})

test('a team that is not there, and who does not administer, are refused', async () => {
  const updated = updateTeam(world.deps, adminOf(world), 'no-such-team', { name: 'x' })
  await expect(updated).rejects.toMatchObject({ code: 'team_not_found' })
  await expect(updateTeam(world.deps, world.owner, 'x', {})).rejects.toMatchObject({ code: 'role_forbidden' })
})
