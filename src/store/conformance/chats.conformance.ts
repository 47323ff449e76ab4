import { describe, expect, test } from 'vitest'
import { sampleAt, sampleId } from '../../../test/support/sample-tasks.ts'
import { type Chat, type ChatMember, membersKey } from '../../domain/chat.ts'
import type { Share } from '../../domain/share.ts'
import { absentChat, absentShare } from '../commit.ts'
import type { WithStore } from './with-store.conformance.ts'

export function describeChats(withStore: WithStore): void {
  describe('chats', () => {
    test(
      'are found by their id and by their type and members, with the members in order',
      withStore(async (store) => {
        const chat = sampleChat(['ada', 'bob'], ['agent-2', 'agent-1'])
        await store.commit({ write: [{ kind: 'insert_chat', chat }] })
        expect(await store.readChat(chat.id)).toEqual(chat)
        expect(await store.readChatByMembers(membersKey('direct', chat.members.toReversed()))).toEqual(chat)
        expect(await store.readChatByMembers(membersKey('group', chat.members))).toBeUndefined()
        expect(await store.readChat('x')).toBeUndefined()
      }),
    )

    test(
      'are refused by name when there is one of the same type and members',
      withStore(async (store) => {
        const chat = sampleChat(['ada'], ['agent-1'])
        const again = { ...sampleChat(['ada'], ['agent-1']) }
        const commit = (made: Chat) =>
          store.commit({
            require: [absentChat(membersKey(made.type, made.members))],
            write: [{ kind: 'insert_chat', chat: made }],
          })
        const [first, second] = await Promise.all([commit(chat), commit(again)])
        expect(first.committed).toBe(true)
        expect(second).toMatchObject({ committed: false, refused: { name: 'absentChat' } })
        expect(await store.readChat(again.id)).toBeUndefined()
      }),
    )

    test(
      'are listed for each of their people, newest first, in pages, and by an agent who takes part',
      withStore(async (store) => {
        const made = [
          sampleChat(['ada'], ['agent-1']),
          sampleChat(['ada', 'bob'], ['agent-2']),
          sampleChat(['bob'], ['agent-1']),
          sampleChat(['ada'], ['agent-1', 'agent-2']),
        ]
        await store.commit({ write: made.map((chat) => ({ kind: 'insert_chat', chat }) as const) })
        const [first, second, third, fourth] = made
        expect(await store.listChats({ userId: 'ada' }, { limit: 10 })).toEqual([fourth, second, first])
        expect(await store.listChats({ userId: 'bob' }, { limit: 10 })).toEqual([third, second])
        expect(await store.listChats({ userId: 'ada', agentId: 'agent-1' }, { limit: 10 })).toEqual([fourth, first])
        // An agent's id is nobody's user id.
        expect(await store.listChats({ userId: 'agent-1' }, { limit: 10 })).toEqual([])
        const page = await store.listChats({ userId: 'ada' }, { limit: 1 })
        const before = { createdAt: page[0]?.createdAt ?? 0, id: page[0]?.id ?? '' }
        expect(await store.listChats({ userId: 'ada' }, { limit: 1, before })).toEqual([second])
      }),
    )
  })

  describe('shares', () => {
    test(
      'are found by their code and by their task, and change their permissions',
      withStore(async (store) => {
        const share = sampleShare()
        await store.commit({ write: [{ kind: 'insert_share', share }] })
        expect(await store.readShare(share.code)).toEqual(share)
        const changed = { ...share, permissions: { canViewPr: false }, updatedAt: sampleAt + 1 }
        await store.commit({ write: [{ kind: 'save_share', share: changed }] })
        expect(await store.readShareOfTask(share.taskId)).toEqual(changed)
        expect(await store.readShare('x')).toBeUndefined()
        expect(await store.readShareOfTask('x')).toBeUndefined()
      }),
    )

    test(
      'are refused by name when the task has one',
      withStore(async (store) => {
        const share = sampleShare()
        await store.commit({ write: [{ kind: 'insert_share', share }] })
        const other = { ...share, code: 'b'.repeat(32) }
        const outcome = await store.commit({
          require: [absentShare(share.taskId)],
          write: [{ kind: 'insert_share', share: other }],
        })
        expect(outcome).toMatchObject({ committed: false, refused: { name: 'absentShare' } })
      }),
    )
  })
}

function sampleChat(people: readonly string[], agents: readonly string[]): Chat {
  const member = (type: ChatMember['type'], role: ChatMember['role']) => (memberId: string) => ({
    id: sampleId(),
    type,
    memberId,
    role,
  })
  const id = sampleId()
  return {
    id,
    type: 'direct',
    title: null,
    ownerId: people[0] ?? '',
    members: [...people.map(member('human', 'owner')), ...agents.map(member('agent', 'agent'))],
    createdAt: sampleAt,
    updatedAt: sampleAt,
  }
}

function sampleShare(): Share {
  return {
    code: 'a'.repeat(32),
    taskId: sampleId(),
    createdBy: 'ada',
    permissions: { canViewPr: true },
    createdAt: sampleAt,
    updatedAt: sampleAt,
  }
}
