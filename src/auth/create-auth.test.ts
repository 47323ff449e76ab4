import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFakeClock } from '../clock/fake/create-fake-clock.ts'
import type { ApiKey, User } from '../domain/identity.ts'
import type { Store } from '../store/store.ts'
import { newKey, verifierOf } from './api-key.ts'
import { createAuth } from './create-auth.ts'

const pepper = Buffer.alloc(32, 3)
const user: User = {
  id: 'user-1',
  name: 'Ada',
  email: null,
  teamId: 'team-1',
  defaultProvider: null,
  defaultModel: null,
  createdAt: 0,
}

/** Only what auth reads; counts how often it is asked. */
function createKeyStore() {
  const keys = new Map<string, ApiKey>()
  let reads = 0
  const store = {
    readKeyByPrefix: async (prefix: string) => {
      reads += 1
      return keys.get(prefix)
    },
    readUser: async (id: string) => (id === user.id ? user : undefined),
    readSetting: async (name: string) => (name === 'admin_user' ? user.id : undefined),
  } as unknown as Store
  const add = (over: Partial<ApiKey> = {}) => {
    const { key, prefix } = newKey(over.dialect ?? 'native')
    keys.set(prefix, {
      id: `id of ${prefix}`,
      name: 'a key',
      dialect: 'native',
      prefix,
      verifier: verifierOf(pepper, key),
      userId: user.id,
      agentId: null,
      role: 'operator',
      createdAt: 0,
      revokedAt: null,
      ...over,
    })
    return { key, prefix }
  }
  return { store, keys, add, reads: () => reads }
}

const clock = createFakeClock()
let world: ReturnType<typeof createKeyStore>
const open = (adminKey?: string) => createAuth({ store: world.store, clock, pepper, adminKey, ticketMs: 300_000 })
beforeEach(() => {
  world = createKeyStore()
})
afterEach(() => clock.advance(0))

describe('a key', () => {
  test('is its user with the role, dialect and agent of the key', async () => {
    const { key, prefix } = world.add({ dialect: 'xagent', agentId: 'agent-1', role: 'viewer' })
    expect(await open().authenticate(key)).toEqual({
      userId: 'user-1',
      teamId: 'team-1',
      role: 'viewer',
      dialect: 'xagent',
      agentId: 'agent-1',
      keyId: `id of ${prefix}`,
    })
  })

  test('with one wrong character opens nothing, known or not', async () => {
    const auth = open()
    const { key } = world.add()
    for (const at of [0, 1]) {
      const wrong = key.slice(0, -1) + (key.endsWith('a') ? 'b' : 'a')
      await expect(auth.authenticate(wrong), `try ${at}`).rejects.toMatchObject({ code: 'unauthenticated' })
      await auth.authenticate(key)
    }
  })

  test('that is unknown, wrong, revoked or no key at all is refused in the same words', async () => {
    const revoked = world.add({ revokedAt: 1 })
    const known = world.add()
    const orphan = world.add({ userId: 'gone' })
    const said = await Promise.all(
      [newKey('native').key, `${known.prefix}_${'0'.repeat(43)}`, revoked.key, orphan.key, 'hello', ''].map((key) =>
        open()
          .authenticate(key)
          .catch((error: Error) => error.message),
      ),
    )
    expect(new Set(said)).toEqual(new Set(['The key is not valid.']))
  })

  test('is looked up once in ten seconds', async () => {
    const auth = open()
    const { key } = world.add()
    await auth.authenticate(key)
    clock.advance(9_000)
    await auth.authenticate(key)
    expect(world.reads()).toBe(1)
    clock.advance(1_000)
    await auth.authenticate(key)
    expect(world.reads()).toBe(2)
  })

  test('that was revoked by this process is refused at once, even where it was being looked up', async () => {
    const auth = open()
    const { key, prefix } = world.add()
    const stored = world.keys.get(prefix)
    const underWay = auth.authenticate(key)
    if (stored !== undefined) world.keys.set(prefix, { ...stored, revokedAt: 1 })
    auth.forget()
    await underWay
    await expect(auth.authenticate(key)).rejects.toMatchObject({ code: 'unauthenticated' })
  })
})

test('the administrator may have a key that is not stored, in any form', async () => {
  const auth = open('my own secret')
  expect(await auth.authenticate('my own secret')).toMatchObject({ userId: 'user-1', role: 'admin', keyId: null })
  await expect(auth.authenticate('my own secrex')).rejects.toMatchObject({ code: 'unauthenticated' })
  await expect(open().authenticate('my own secret')).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('no key is refused with the way to send one', async () => {
  await expect(open().authenticate(undefined)).rejects.toThrow('Authorization: Bearer')
})
