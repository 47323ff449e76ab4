import { expect, test } from 'vitest'
import { type Chat, type ChatMember, type MemberType, mayReadChat, membersKey } from './chat.ts'
import type { Principal, Role } from './principal.ts'

const member = (type: MemberType, memberId: string): ChatMember => ({
  id: `${type}-${memberId}`,
  type,
  memberId,
  role: type === 'agent' ? 'agent' : 'member',
})

const chat: Chat = {
  id: 'chat-1',
  type: 'group',
  title: null,
  ownerId: 'ann',
  members: [member('human', 'ann'), member('human', 'bob'), member('agent', 'scribe'), member('agent', 'clerk')],
  createdAt: 0,
  updatedAt: 0,
}

const caller = (userId: string, agentId: string | null = null, role: Role = 'operator'): Principal => ({
  userId,
  teamId: null,
  role,
  dialect: 'native',
  agentId,
  keyId: null,
})

test('a chat has the key of its type and its members, each named once, in whatever order they are given', () => {
  const [ann, bob, scribe] = chat.members as readonly [ChatMember, ChatMember, ChatMember]
  const key = '["group","agent:scribe","human:ann","human:bob"]'
  expect(membersKey('group', [ann, bob, scribe])).toBe(key)
  expect(membersKey('group', [scribe, bob, ann, bob])).toBe(key)
  expect(membersKey('direct', [ann, scribe])).toBe('["direct","agent:scribe","human:ann"]')
})

test.each<[string, Principal, boolean]>([
  ['a member', caller('bob'), true],
  ['nobody of it', caller('eve'), false],
  ['an agent of it, by the name of a user', caller('scribe'), false],
  ['a user of it with a key for an agent of it', caller('ann', 'clerk'), true],
  ['a user of it with a key for another agent', caller('ann', 'other'), false],
  ['a user of it with a key for an agent named like a member', caller('ann', 'bob'), false],
  ['nobody of it with a key for an agent of it', caller('eve', 'clerk'), false],
  ['an auditor, who reads everything', caller('eve', null, 'auditor'), true],
  ['an auditor with a key for an agent of it', caller('eve', 'scribe', 'auditor'), true],
  ['an auditor with a key for another agent', caller('eve', 'other', 'auditor'), false],
])('whether a chat may be read by %s', (_who, principal, reads) => {
  expect(mayReadChat(principal, chat)).toBe(reads)
})
