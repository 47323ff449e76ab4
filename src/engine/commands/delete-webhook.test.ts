import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { Principal } from '../../domain/principal.ts'
import { createTeam } from './create-team.ts'
import { createWebhook } from './create-webhook.ts'
import { deleteWebhook } from './delete-webhook.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await createEngineWorld()
})
afterEach(() => world.close())

const adminOf = (world: EngineWorld): Principal => ({ ...world.owner, userId: 'admin-1', role: 'admin' })

const request = { url: 'https://hooks.example.com/in', events: ['*'], agentId: null }

test('a webhook is deleted with its deliveries, and events after it are promised to nobody', async () => {
  const { endpoint } = await createWebhook(world.deps, world.owner, request)
  await world.submit()
  expect(await world.store.listDeliveries(endpoint.id, undefined, { limit: 10 })).not.toEqual([])
  await deleteWebhook(world.deps, world.owner, endpoint.id)
  await world.submit()
  expect(await world.store.readEndpoint(endpoint.id)).toBeUndefined()
  expect(await world.store.listDeliveries(endpoint.id, undefined, { limit: 10 })).toEqual([])
})

test('somebody else’s is not there, and a team’s goes with the URL of the team', async () => {
  const { endpoint } = await createWebhook(world.deps, world.owner, request)
  const other: Principal = { ...world.owner, userId: 'user-2' }
  await expect(deleteWebhook(world.deps, other, endpoint.id)).rejects.toMatchObject({ code: 'webhook_not_found' })
  const team = await createTeam(world.deps, adminOf(world), { name: 'red', webhookUrl: request.url })
  const ofTeam = await world.store.readTeamEndpoint(team.id)
  const deleted = deleteWebhook(world.deps, adminOf(world), ofTeam?.id ?? '')
  await expect(deleted).rejects.toMatchObject({ code: 'invalid_input' })
})
