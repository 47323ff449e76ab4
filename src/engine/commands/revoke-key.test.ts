import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import { sampleKey } from '../../../test/support/sample-identities.ts'
import type { Principal } from '../../domain/principal.ts'
import { revokeKey } from './revoke-key.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await createEngineWorld()
})
afterEach(() => world.close())

const insert = async (options: Parameters<typeof sampleKey>[0] = {}) => {
  const key = sampleKey({ userId: 'user-1', ...options })
  await world.store.commit({ write: [{ kind: 'insert_key', key }] })
  return key
}

test('a key is revoked once: the instant stays that of the first time', async () => {
  const key = await insert()
  const revoked = await revokeKey(world.deps, world.owner, key.id)
  expect(revoked).toEqual({ ...key, revokedAt: world.clock.now() })
  world.clock.advance(1_000)
  expect(await revokeKey(world.deps, world.owner, key.id)).toEqual(revoked)
  expect(await world.store.readKey(key.id)).toEqual(revoked)
})

test('a key takes away itself, whatever it may do else', async () => {
  const key = await insert({ role: 'viewer', agentId: world.agent.id })
  const itself: Principal = { ...world.owner, role: 'viewer', keyId: key.id, agentId: world.agent.id }
  expect((await revokeKey(world.deps, itself, key.id)).revokedAt).not.toBeNull()
})

test('a viewer’s key takes away no key of the same user that may do more', async () => {
  const strong = await insert({ role: 'admin' })
  const viewer: Principal = { ...world.owner, role: 'viewer', keyId: 'another' }
  await expect(revokeKey(world.deps, viewer, strong.id)).rejects.toMatchObject({ code: 'role_forbidden' })
  expect((await world.store.readKey(strong.id))?.revokedAt).toBeNull()
})

test('somebody else’s key is not there; an administrator’s key takes it away', async () => {
  const key = await insert({ userId: 'user-2' })
  await expect(revokeKey(world.deps, world.owner, key.id)).rejects.toMatchObject({ code: 'key_not_found' })
  const admin: Principal = { ...world.owner, role: 'admin', keyId: null }
  expect((await revokeKey(world.deps, admin, key.id)).revokedAt).not.toBeNull()
})
