import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { Principal } from '../../domain/principal.ts'
import { createWebhook } from './create-webhook.ts'
import { updateWebhook } from './update-webhook.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await createEngineWorld()
})
afterEach(() => world.close())

const request = { url: 'https://hooks.example.com/in', events: ['*'], agentId: null }
const create = async () => (await createWebhook(world.deps, world.owner, request)).endpoint

test('what is given is changed and the rest stays', async () => {
  const before = await create()
  const after = await updateWebhook(world.deps, world.owner, before.id, { events: ['run.*'] })
  expect(after).toEqual({ ...before, events: ['run.*'], updatedAt: before.updatedAt + 1 })
  expect(await world.store.readEndpoint(before.id)).toEqual(after)
})

test('disabled it is promised nothing, and says that it was done by hand; active again it is', async () => {
  const { id } = await create()
  expect(await updateWebhook(world.deps, world.owner, id, { state: 'disabled' })).toMatchObject({
    state: 'disabled',
    disabledBecause: 'by_hand',
  })
  await world.submit()
  expect(await world.store.listDeliveries(id, undefined, { limit: 10 })).toEqual([])
  const active = await updateWebhook(world.deps, world.owner, id, { state: 'active' })
  expect(active).toMatchObject({ state: 'active', disabledBecause: null })
  await world.submit()
  expect(await world.store.listDeliveries(id, undefined, { limit: 10 })).not.toEqual([])
})

test('a URL that is none and a pattern of no event are refused, and nothing is changed', async () => {
  const before = await create()
  const refused = async (settings: object, field: string) =>
    expect(updateWebhook(world.deps, world.owner, before.id, settings)).rejects.toMatchObject({
      code: 'invalid_input',
      fields: [{ field: expect.stringContaining(field) }],
    })
  await refused({ url: 'nonsense' }, 'url')
  await refused({ events: ['no.such.event'] }, 'events')
  expect(await world.store.readEndpoint(before.id)).toEqual(before)
})

test('somebody else’s webhook is not there', async () => {
  const { id } = await create()
  const other: Principal = { ...world.owner, userId: 'user-2' }
  const updated = updateWebhook(world.deps, other, id, { state: 'disabled' })
  await expect(updated).rejects.toMatchObject({ code: 'webhook_not_found' })
})
