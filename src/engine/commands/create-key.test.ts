import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { Principal } from '../../domain/principal.ts'
import { type CreateKey, createKey, type KeyHalf } from './create-key.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await createEngineWorld()
})
afterEach(() => world.close())

const request: CreateKey = { name: 'laptop', dialect: 'native', userId: undefined, agentId: null, role: undefined }
const half = (prefix: string): KeyHalf => ({ prefix, verifier: 'verifier', secret: { holder: 'h', encrypted: '' } })

function create(over: Partial<CreateKey> = {}, principal: Principal = world.owner, prefixes = ['mdt_one']) {
  const left = [...prefixes]
  return createKey(world.deps, principal, { ...request, ...over }, () => half(left.shift() ?? 'mdt_last'))
}

async function addUser(id: string): Promise<void> {
  const user = { id, name: id, email: null, teamId: null, defaultProvider: null, defaultModel: null, createdAt: 1 }
  await world.store.commit({ write: [{ kind: 'insert_user', user }] })
}

test('a key is on disk when the command resolves, for the caller and with the role operator', async () => {
  const { key } = await create()
  expect(key).toMatchObject({ prefix: 'mdt_one', userId: 'user-1', role: 'operator', name: 'laptop', revokedAt: null })
  expect(await world.store.readKey(key.id)).toEqual(key)
})

test('a prefix that is taken is tried again with another half', async () => {
  await create()
  const { key } = await create({}, world.owner, ['mdt_one', 'mdt_one', 'mdt_two'])
  expect(key.prefix).toBe('mdt_two')
})

test('a caller who may not grant operator makes keys with their own role', async () => {
  const { key } = await create({}, { ...world.owner, role: 'viewer' })
  expect(key.role).toBe('viewer')
})

test.each<[string, Partial<CreateKey>, Partial<Principal>, string]>([
  ['a blank name', { name: ' \t' }, {}, 'invalid_input'],
  ['a name that is too long', { name: 'x'.repeat(10_000) }, {}, 'invalid_input'],
  ['a role above the caller’s', { role: 'admin' }, {}, 'role_forbidden'],
  ['a key for somebody else', { userId: 'user-2' }, {}, 'role_forbidden'],
  ['a key for a user who is not there', { userId: 'user-2' }, { role: 'admin' }, 'user_not_found'],
  ['an agent that is not there', { agentId: 'no-such-agent' }, {}, 'agent_not_found'],
  ['a key of Xagent without an agent', { dialect: 'xagent' }, {}, 'invalid_input'],
  ['a caller whose key is bound to an agent', {}, { agentId: 'agent-1' }, 'role_forbidden'],
])('%s is refused, and no key is kept', async (_, over, principal, code) => {
  await expect(create(over, { ...world.owner, ...principal })).rejects.toMatchObject({ code })
  expect(await world.store.listKeys(undefined, { limit: 10 })).toEqual([])
})

test('an administrator makes keys for another user, who must be allowed to use the agent', async () => {
  await addUser('user-2')
  const admin: Principal = { ...world.owner, userId: 'admin-1', role: 'admin' }
  expect((await create({ userId: 'user-2' }, admin)).key.userId).toBe('user-2')
  const bound = create({ userId: 'user-2', agentId: world.agent.id }, admin, ['mdt_two'])
  await expect(bound).rejects.toMatchObject({ code: 'agent_not_found' })
})

test('a key of Xagent is bound to the agent that it names', async () => {
  const { key } = await create({ dialect: 'xagent', agentId: world.agent.id }, world.owner, ['xag_one'])
  expect(key).toMatchObject({ dialect: 'xagent', agentId: 'agent-1' })
})
