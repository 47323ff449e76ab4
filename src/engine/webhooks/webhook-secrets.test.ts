import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import { createEncrypter } from '../../data-folder/create-encrypter.ts'
import type { ServerDeps } from '../server-deps.ts'
import { ensureSecret, openShown, readSecrets, readSigningKey, rotateSecret } from './webhook-secrets.ts'

let world: EngineWorld
afterEach(() => world.close())

const hour = 3_600_000

test('a secret is made once, and by everybody who asks at the same moment the same', async () => {
  world = await createEngineWorld()
  const asked = await Promise.all([1, 2, 3].map(() => ensureSecret(world.deps, 'key:1')))
  expect(new Set(asked).size).toBe(1)
  expect(await readSecrets(world.deps, 'key:1')).toEqual([asked[0]])
  expect(await readSecrets(world.deps, 'key:2')).toEqual([])
})

test('a secret that was replaced signs for its overlap and no longer', async () => {
  world = await createEngineWorld({ limits: { webhook_secret_overlap_hours: 2 } })
  const before = await ensureSecret(world.deps, 'key:1')
  const after = openShown(world.deps, await rotateSecret(world.deps, 'key:1'))
  expect(await readSecrets(world.deps, 'key:1')).toEqual([after, before])
  world.clock.advance(2 * hour - 1)
  expect(await readSecrets(world.deps, 'key:1')).toEqual([after, before])
  world.clock.advance(1)
  expect(await readSecrets(world.deps, 'key:1')).toEqual([after])
})

test('where the pepper was replaced, a new secret takes the place of the one that cannot be opened', async () => {
  world = await createEngineWorld()
  const before = await ensureSecret(world.deps, 'key:1')
  const encrypter = createEncrypter(Buffer.alloc(32, 99), () => Buffer.alloc(12, 1))
  const restored: ServerDeps = { ...world.deps, webhooks: { ...world.deps.webhooks, encrypter } }
  expect(await readSecrets(restored, 'key:1')).toEqual([])
  const after = await ensureSecret(restored, 'key:1')
  expect(after).not.toBe(before)
  expect(await readSecrets(restored, 'key:1')).toEqual([after])
})

test("the server's public key stays the same", async () => {
  world = await createEngineWorld()
  const { publicKey } = await readSigningKey(world.deps)
  expect(publicKey).toMatch(/^whpk_[A-Za-z0-9+/]{43}=$/u)
  expect((await readSigningKey(world.deps)).publicKey).toBe(publicKey)
})
