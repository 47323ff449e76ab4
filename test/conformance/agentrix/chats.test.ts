import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AgentrixWorld, openAgentrix } from './open-agentrix.ts'

let world: AgentrixWorld
beforeEach(async () => {
  world = await openAgentrix({ started: false })
})
afterEach(() => world.close())

const path = '/v1/agentrix/chats'
const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u)

describe('making a chat', () => {
  test('answers 201 with the chat, its members and explicit nulls', async () => {
    const { call, agentId, caller } = world
    const userId = `user-${caller.user.id}`
    const members = [
      { memberCode: agentId, type: 'agent' },
      { memberCode: userId, type: 'human' },
    ]
    const answer = await call('POST', path, { type: 'group', members })
    expect(answer.statusCode, answer.body).toBe(201)
    const chat = answer.json()
    const times = { createdAt: instant, updatedAt: instant }
    const member = { id: expect.stringMatching(/^member-/u), chatId: chat.id, ...times }
    expect(chat).toEqual({
      id: expect.stringMatching(/^chat-[0-9a-f-]{36}$/u),
      owner: userId,
      type: 'group',
      title: null,
      ...times,
      defaultMachineId: null,
      defaultCloudId: null,
      defaultRepositoryId: null,
      defaultBaseBranch: null,
      members: [
        { ...member, memberCode: agentId, type: 'agent', role: 'agent' },
        { ...member, memberCode: userId, type: 'human', role: 'owner' },
      ],
    })
  })

  test('is direct when no type is given, and then belongs to its members together', async () => {
    const { chat, agentId, caller } = world
    expect(chat).toMatchObject({ type: 'direct', owner: [agentId, `user-${caller.user.id}`].sort().join(',') })
    expect(chat.members.map(({ memberCode }) => memberCode)).toEqual([`user-${caller.user.id}`, agentId])
  })

  test('answers 201 with the same chat for the same type and members, also for many at once', async () => {
    const { call, agentId, chat, caller } = world
    const members = [
      { memberCode: `user-${caller.user.id}`, type: 'human' },
      { memberCode: agentId, type: 'agent' },
    ]
    const bodies = [{ members }, { members: members.toReversed(), type: 'direct' }, { members: members.slice(1) }]
    const answers = await Promise.all([...bodies, ...bodies, ...bodies].map((body) => call('POST', path, body)))
    for (const answer of answers) expect([answer.statusCode, answer.json()]).toEqual([201, chat])
    const group = await Promise.all(bodies.map((body) => call('POST', path, { ...body, type: 'group' })))
    expect(new Set(group.map((answer) => answer.json().id)).size).toBe(1)
    expect(group[0]?.json().id).not.toBe(chat.id)
  })

  test.each([
    ['members', {}],
    ['members', { members: [] }],
    ['members.0.memberCode', { members: [{ type: 'agent' }] }],
    ['members.0.type', { members: [{ memberCode: 'agent-1', type: 'robot' }] }],
    ['type', { type: 'public', members: [{ memberCode: 'agent-1', type: 'agent' }] }],
  ])('refuses %s that is not allowed: %j', async (field, body) => {
    const answer = await world.call('POST', path, body)
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'INVALID_REQUEST'])
    expect(answer.json().details.map((detail: { field: string }) => detail.field)).toContain(field)
  })

  test('refuses agents and people that are not there', async () => {
    const agent = await world.call('POST', path, { members: [{ memberCode: 'agent-nobody', type: 'agent' }] })
    expect([agent.statusCode, agent.json().code]).toEqual([404, 'AGENT_NOT_FOUND'])
    const human = await world.call('POST', path, { members: [{ memberCode: 'user-nobody', type: 'human' }] })
    expect([human.statusCode, human.json().code]).toEqual([404, 'USER_NOT_FOUND'])
  })
})

describe('reading chats', () => {
  test('shows the caller those in which they take part, newest first, in pages', async () => {
    const { call, callAs, addCaller, chat, agentId } = world
    const members = [{ memberCode: agentId, type: 'agent' }]
    const group = (await call('POST', path, { type: 'group', members })).json()
    await callAs(await addCaller('operator', { dialect: 'agentrix' }))('POST', path, { members })
    const all = await call('GET', '/v1/chats')
    expect([all.statusCode, all.json()]).toEqual([200, { chats: [group, chat], hasMore: false, nextCursor: null }])
    const first = (await call('GET', '/v1/chats?limit=1')).json()
    expect(first).toMatchObject({ chats: [group], hasMore: true })
    const second = (await call('GET', `/v1/chats?limit=1&cursor=${first.nextCursor}`)).json()
    expect(second).toEqual({ chats: [chat], hasMore: false, nextCursor: null })
  })

  test('reads one by its id, and that of others is byte by byte like one that is not there', async () => {
    const { call, callAs, addCaller, chat } = world
    const own = await call('GET', `/v1/chats/${chat.id}`)
    expect([own.statusCode, own.json()]).toEqual([200, chat])
    const other = callAs(await addCaller('operator', { dialect: 'agentrix' }))
    const theirs = await other('GET', `/v1/chats/${chat.id}`)
    const nothing = await other('GET', '/v1/chats/chat-00000000-0000-7000-8000-000000000000')
    expect([theirs.statusCode, theirs.body]).toEqual([404, nothing.body])
    expect(theirs.json().code).toBe('CHAT_NOT_FOUND')
  })
})
