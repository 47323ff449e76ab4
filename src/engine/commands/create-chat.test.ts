import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import { sampleAgent, sampleUser } from '../../../test/support/sample-identities.ts'
import type { Principal } from '../../domain/principal.ts'
import { listChats } from '../queries/list-chats.ts'
import { readChat } from '../queries/read-chat.ts'
import { type CreateChat, createChat } from './create-chat.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await createEngineWorld({ agent: { visibility: 'public' } })
})
afterEach(() => world.close())

const withAgent: CreateChat = { type: 'direct', members: [{ type: 'agent', memberId: 'agent-1' }] }
const page = { limit: 10 }
const other = (over: Partial<Principal> = {}): Principal => ({ ...world.owner, userId: 'user-2', ...over })

test('the caller is a member of every chat, and the agents are in the order in which they were named', async () => {
  const second = sampleAgent({ visibility: 'public' })
  await world.store.commit({ write: [{ kind: 'insert_agent', agent: second }] })
  const members = [{ type: 'agent', memberId: second.id } as const, ...withAgent.members]
  const chat = await createChat(world.deps, world.owner, { type: 'group', members })
  expect(chat.members).toMatchObject([
    { type: 'human', memberId: 'user-1', role: 'owner' },
    { type: 'agent', memberId: second.id, role: 'agent' },
    { type: 'agent', memberId: 'agent-1', role: 'agent' },
  ])
  expect(await readChat(world.deps, world.owner, chat.id)).toEqual(chat)
})

test('the same type and members give the same chat, in any order and named twice', async () => {
  const chat = await createChat(world.deps, world.owner, withAgent)
  const [agent] = withAgent.members
  if (agent === undefined) throw new Error('no agent')
  const again = [agent, { type: 'human', memberId: 'user-1' } as const, agent]
  expect(await createChat(world.deps, world.owner, { type: 'direct', members: again })).toEqual(chat)
  expect((await createChat(world.deps, world.owner, { ...withAgent, type: 'group' })).id).not.toBe(chat.id)
  expect((await createChat(world.deps, other(), withAgent)).id).not.toBe(chat.id)
})

test('of many that ask at once all get the same chat', async () => {
  const chats = await Promise.all(Array.from({ length: 20 }, () => createChat(world.deps, world.owner, withAgent)))
  expect(new Set(chats.map(({ id }) => id)).size).toBe(1)
  expect(await listChats(world.deps, world.owner, page)).toHaveLength(1)
})

test('an agent that the caller may not use and one that is not there are refused alike', async () => {
  const hidden = sampleAgent({ ownerId: 'user-9' })
  await world.store.commit({ write: [{ kind: 'insert_agent', agent: hidden }] })
  for (const memberId of [hidden.id, 'nobody']) {
    const request: CreateChat = { type: 'direct', members: [{ type: 'agent', memberId }] }
    await expect(createChat(world.deps, world.owner, request)).rejects.toMatchObject({ code: 'agent_not_found' })
  }
})

test('only people of the same team are named, and they take part', async () => {
  const mate = sampleUser({ id: 'user-2', teamId: 'team-1' })
  const stranger = sampleUser({ id: 'user-3', teamId: 'team-2' })
  await world.store.commit({ write: [mate, stranger].map((user) => ({ kind: 'insert_user', user }) as const) })
  const caller = { ...world.owner, teamId: 'team-1' }
  const naming = (memberId: string): CreateChat => ({ type: 'group', members: [{ type: 'human', memberId }] })
  for (const id of ['user-3', 'nobody']) {
    await expect(createChat(world.deps, caller, naming(id))).rejects.toMatchObject({ code: 'user_not_found' })
  }
  const chat = await createChat(world.deps, caller, naming('user-2'))
  expect(await listChats(world.deps, other(), page)).toEqual([chat])
  // Found again from the other side, where the roles are as they were made.
  expect(await createChat(world.deps, other({ teamId: 'team-1' }), naming('user-1'))).toEqual(chat)
  await expect(createChat(world.deps, world.owner, naming('user-3'))).rejects.toMatchObject({ code: 'user_not_found' })
  const admin: Principal = { ...world.owner, role: 'admin' }
  expect((await createChat(world.deps, admin, naming('user-3'))).members).toHaveLength(2)
})

test('a chat of others and one that is not there are refused alike', async () => {
  const chat = await createChat(world.deps, world.owner, withAgent)
  for (const id of [chat.id, 'nothing']) {
    await expect(readChat(world.deps, other(), id)).rejects.toMatchObject({ code: 'chat_not_found' })
  }
  expect(await readChat(world.deps, other({ role: 'auditor' }), chat.id)).toEqual(chat)
})

test('a key that is bound to an agent sees and makes only chats with that agent', async () => {
  const second = sampleAgent({ visibility: 'public' })
  await world.store.commit({ write: [{ kind: 'insert_agent', agent: second }] })
  const bound = { ...world.owner, agentId: second.id }
  const chat = await createChat(world.deps, world.owner, withAgent)
  const without: CreateChat[] = [withAgent, { type: 'group', members: [] }]
  for (const request of without) {
    await expect(createChat(world.deps, bound, request)).rejects.toMatchObject({ code: 'role_forbidden' })
  }
  await expect(readChat(world.deps, bound, chat.id)).rejects.toMatchObject({ code: 'chat_not_found' })
  const own = await createChat(world.deps, bound, {
    type: 'direct',
    members: [{ type: 'agent', memberId: second.id }],
  })
  expect(await listChats(world.deps, bound, page)).toEqual([own])
})

test('who may not submit makes no chats, and nobody makes one that is too large', async () => {
  const viewer: Principal = { ...world.owner, role: 'viewer' }
  await expect(createChat(world.deps, viewer, withAgent)).rejects.toMatchObject({ code: 'role_forbidden' })
  const members = Array.from({ length: 101 }, (_, at) => ({ type: 'agent', memberId: `a${at}` }) as const)
  await expect(createChat(world.deps, world.owner, { type: 'group', members })).rejects.toMatchObject({
    code: 'invalid_input',
    limit: 'chat_members_max',
  })
})
