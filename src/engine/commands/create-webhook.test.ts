import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { Principal } from '../../domain/principal.ts'
import { createWebhook } from './create-webhook.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await createEngineWorld({ limits: { webhooks_max: 2 } })
})
afterEach(() => world.close())

const request = { url: 'https://hooks.example.com/in', events: ['run.*'], agentId: null }

test('a webhook is on disk when the command resolves, active, with a secret that is shown and not stored in the clear', async () => {
  const { endpoint, secret } = await createWebhook(world.deps, world.owner, request)
  expect(await world.store.readEndpoint(endpoint.id)).toEqual(endpoint)
  expect(endpoint).toMatchObject({ ownerId: 'user-1', state: 'active', events: ['run.*'], taskId: null, teamId: null })
  const stored = await world.store.readWebhookSecret(endpoint.secretHolder)
  expect(stored).toBeDefined()
  expect(JSON.stringify(stored)).not.toContain(secret)
})

test('an event that is committed after it is promised to it', async () => {
  const { endpoint } = await createWebhook(world.deps, world.owner, { ...request, events: ['*'] })
  await world.submit()
  const deliveries = await world.store.listDeliveries(endpoint.id, undefined, { limit: 10 })
  expect(deliveries.length).toBeGreaterThan(0)
})

test('a key that is bound to an agent subscribes to that agent only', async () => {
  const bound: Principal = { ...world.owner, agentId: world.agent.id }
  expect((await createWebhook(world.deps, bound, request)).endpoint.agentId).toBe(world.agent.id)
  const other = createWebhook(world.deps, bound, { ...request, agentId: 'another' })
  await expect(other).rejects.toMatchObject({ code: 'agent_not_found' })
})

test('a viewer, a URL that is none and one webhook too many are refused', async () => {
  const viewer: Principal = { ...world.owner, role: 'viewer' }
  await expect(createWebhook(world.deps, viewer, request)).rejects.toMatchObject({ code: 'role_forbidden' })
  const bad = createWebhook(world.deps, world.owner, { ...request, url: 'ftp://x' })
  await expect(bad).rejects.toMatchObject({ code: 'invalid_input', fields: [{ field: 'url' }] })
  for (let n = 0; n < 2; n += 1) await createWebhook(world.deps, world.owner, request)
  const third = createWebhook(world.deps, world.owner, request)
  await expect(third).rejects.toMatchObject({ code: 'limit_exceeded', limit: 'webhooks_max' })
})
