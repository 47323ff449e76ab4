import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { AnswerLinks } from '../../domain/answer-link.ts'
import type { ApiKey } from '../../domain/identity.ts'
import type { Role } from '../../domain/principal.ts'
import type { Prompt } from '../../domain/prompt.ts'
import { grantAnswerLinks, mintAnswerLink, openAnswerLink } from './answer-links.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await createEngineWorld()
})
afterEach(() => world.close())

const userId = () => world.owner.userId

async function addKey(role: Role, over: Partial<ApiKey> = {}): Promise<string> {
  const id = world.deps.randomness.newId()
  const key = {
    id,
    name: role,
    dialect: 'native',
    prefix: id,
    verifier: '',
    userId: userId(),
    agentId: null,
    role,
  } as const
  await world.store.commit({ write: [{ kind: 'insert_key', key: { ...key, createdAt: 1, revokedAt: null, ...over } }] })
  return id
}

/** An open prompt of a task of the owner, and the link to it that these rights give. */
async function mint(granted: Partial<AnswerLinks>, over: Partial<Prompt> = {}) {
  const { task, run } = await world.submit()
  const prompt: Prompt = {
    ...{ id: world.deps.randomness.newId(), taskId: task.id, runId: run.id, ownerId: task.ownerId, teamId: null },
    ...{ kind: 'approval', step: 1, action: null, tool: null, categories: [], version: 1, payload: 'sha256:1' },
    ...{ state: 'open', openedAt: 1, expiresAt: null, onExpiry: 'deny', settledAt: null, outcome: null },
    ...{ answeredBy: null, answer: null, ...over },
  }
  await world.store.commit({ write: [{ kind: 'insert_prompt', prompt }] })
  const snapshot = await world.store.readSnapshot(task.id)
  if (snapshot === undefined) throw new Error('The task is not there.')
  const links = { userId: userId(), grantedRole: 'operator', grantedKeyId: null, ...granted } as const
  return await mintAnswerLink(world.deps, links, prompt, snapshot)
}

async function opened(url: string | undefined) {
  return await openAnswerLink(world.deps, url?.split('/').at(-1) ?? '')
}

async function addUser() {
  const user = { id: userId(), name: 'o', email: null, teamId: null, defaultProvider: null, defaultModel: null }
  if ((await world.store.readUser(userId())) === undefined) {
    await world.store.commit({ write: [{ kind: 'insert_user', user: { ...user, createdAt: 1 } }] })
  }
}

test('a link opens for its user with the rights of a valid key, and names no key', async () => {
  await addUser()
  const grantedKeyId = await addKey('operator')
  const link = await mint({ grantedKeyId })
  expect(await opened(link?.url)).toMatchObject({
    state: 'open',
    principal: { userId: userId(), role: 'operator', keyId: null },
  })
})

test('what no key of the user gives, and what the granting key could not give, makes no link', async () => {
  await addUser()
  const viewer = await addKey('viewer')
  expect(await mint({ grantedKeyId: viewer })).toBeUndefined()
  await addKey('admin')
  // An operator's key cannot make an administrator's.
  expect(await mint({ grantedRole: 'operator' })).toBeUndefined()
  expect(await mint({ grantedRole: 'admin' })).toBeDefined()
})

test('a key that is bound to another agent gives nothing', async () => {
  await addUser()
  await addKey('operator', { agentId: 'another' })
  expect(await mint({})).toBeUndefined()
})

test('an absent user and an absent key give nothing, and a user without keys comes as an operator', async () => {
  await addUser()
  expect(await mint({ userId: 'nobody' })).toBeUndefined()
  expect(await mint({ grantedKeyId: 'none' })).toBeUndefined()
  expect(await mint({})).toBeDefined()
})

test('a prompt that is settled or over has no link', async () => {
  await addUser()
  expect(await mint({}, { state: 'withdrawn' })).toBeUndefined()
  expect(await mint({}, { expiresAt: world.clock.now() })).toBeUndefined()
  expect(await mint({}, { expiresAt: world.clock.now() + 1 })).toMatchObject({ expiresAt: world.clock.now() + 1 })
})

test('a token that was never made, and the hash of one, open nothing', async () => {
  await addUser()
  const link = await mint({})
  expect(await openAnswerLink(world.deps, 'nothing')).toEqual({ state: 'unknown' })
  expect(await opened(`${link?.url}x`)).toEqual({ state: 'unknown' })
})

test('links are granted for oneself, and by an administrator for anybody who is there', async () => {
  await addUser()
  const { deps, owner } = world
  expect(await grantAnswerLinks(deps, owner, owner.userId)).toMatchObject({
    userId: owner.userId,
    grantedRole: owner.role,
  })
  await expect(grantAnswerLinks(deps, owner, 'another')).rejects.toMatchObject({ code: 'role_forbidden' })
  const admin = { ...owner, role: 'admin', userId: 'admin' } as const
  expect(await grantAnswerLinks(deps, admin, owner.userId)).toMatchObject({ grantedRole: 'admin' })
  await expect(grantAnswerLinks(deps, admin, 'nobody')).rejects.toMatchObject({ code: 'invalid_input' })
})
