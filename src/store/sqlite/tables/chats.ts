import { type Chat, type ChatMember, chatTypes, memberRoles, membersKey, memberTypes } from '../../../domain/chat.ts'
import type { Share } from '../../../domain/share.ts'
import { integer, json, nullable, oneOf, text } from '../columns.ts'
import { defineTable, readOnly } from '../table.ts'

/** Chats. A row is read with its members as JSON, in their order. */
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

/** A member with its chat and its position among the members. */
interface PlacedMember extends ChatMember {
  readonly chatId: string
  readonly position: number
}

/** The members of chats, in the order of their position. */
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

/** The links by which tasks are shared, one for each task. */
export const shares = defineTable<Share>({
  name: 'shares',
  key: 'task_id',
  kept: ['code', 'created_by', 'created_at'],
  fields: { code: text, taskId: text, createdBy: text, permissions: json(), createdAt: integer, updatedAt: integer },
})
