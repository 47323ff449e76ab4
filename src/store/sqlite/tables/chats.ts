import { type Chat, type ChatMember, chatTypes, memberRoles, membersKey, memberTypes } from '../../../domain/chat.ts'
import type { Share } from '../../../domain/share.ts'
import { integer, json, nullable, oneOf, text } from '../columns.ts'
import { defineTable, readOnly } from '../table.ts'

/** Read with the members as JSON, in their order. */
export const chats = defineTable<Chat>({
  name: 'chats',
  key: 'id',
  fields: {
    id: text,
    type: oneOf(chatTypes),
    title: nullable(text),
    ownerId: text,
    members: readOnly(json()),
    createdAt: integer,
    updatedAt: integer,
  },
  derived: { members_key: ({ type, members }) => membersKey(type, members) },
})

/** A member with the chat and the place among its members. */
interface PlacedMember extends ChatMember {
  readonly chatId: string
  readonly position: number
}

export const chatMembers = defineTable<PlacedMember>({
  name: 'chat_members',
  key: 'chat_id',
  fields: {
    chatId: text,
    position: integer,
    id: text,
    type: oneOf(memberTypes),
    memberId: text,
    role: oneOf(memberRoles),
  },
})

export const shares = defineTable<Share>({
  name: 'shares',
  key: 'task_id',
  kept: ['code', 'created_by', 'created_at'],
  fields: { code: text, taskId: text, createdBy: text, permissions: json(), createdAt: integer, updatedAt: integer },
})
