import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { Principal } from '../../domain/principal.ts'
import { createTeam } from './create-team.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await createEngineWorld()
})
afterEach(() => world.close())

const adminOf = (world: EngineWorld): Principal => ({ ...world.owner, userId: 'admin-1', role: 'admin' })

test('a team is on disk when the command resolves, with its webhook as an endpoint of its own', async () => {
  const team = await createTeam(world.deps, adminOf(world), {
    name: 'red',
    webhookUrl: 'https://hooks.example.com/red',
  })
  expect(await world.store.readTeam(team.id)).toEqual(team)
  expect(await world.store.readTeamEndpoint(team.id)).toMatchObject({ teamId: team.id, url: team.webhookUrl })
})

test('a blank name and a default model that could not be called are refused, and nothing is kept', async () => {
  const admin = adminOf(world)
  await expect(createTeam(world.deps, admin, { name: '  ' })).rejects.toMatchObject({ code: 'invalid_input' })
  expect(await world.store.listTeams({ limit: 10 })).toEqual([])
})

test('only administrators create teams', async () => {
  await expect(createTeam(world.deps, world.owner, { name: 'red' })).rejects.toMatchObject({ code: 'role_forbidden' })
})
