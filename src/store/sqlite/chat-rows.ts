import { type Chat, type ChatMember, chatTypes, membersKey } from '../../domain/chat.ts'
import type { Share } from '../../domain/share.ts'
import { integer, json, oneOf, type Row, text, textOrNull } from './columns.ts'
import type { Parameter } from './encoded-commit.ts'

// Chats and shares between rows and what the domain means. The order of parameters is that of statements.ts.

export function chatParameters(chat: Chat): Parameter[] {
  const { id, type, title, ownerId, members, createdAt, updatedAt } = chat
  return [type, title, ownerId, membersKey(type, members), createdAt, updatedAt, id]
}

export function memberParameters(chat: Chat): Parameter[][] {
  return chat.members.map(({ id, type, memberId, role }, position) => [chat.id, position, id, type, memberId, role])
}

/** `members` is made by the statement: a JSON list in their order. */
export function chatOf(row: Row): Chat {
  return {
    id: text(row, 'id'),
    type: oneOf(chatTypes, row, 'type'),
    title: textOrNull(row, 'title'),
    ownerId: text(row, 'owner_id'),
    members: json<ChatMember[]>(row, 'members'),
    createdAt: integer(row, 'created_at'),
    updatedAt: integer(row, 'updated_at'),
  }
}

export function shareParameters(share: Share): Parameter[] {
  const { code, taskId, createdBy, permissions, createdAt, updatedAt } = share
  return [code, createdBy, JSON.stringify(permissions), createdAt, updatedAt, taskId]
}

export function shareOf(row: Row): Share {
  return {
    code: text(row, 'code'),
    taskId: text(row, 'task_id'),
    createdBy: text(row, 'created_by'),
    permissions: json(row, 'permissions'),
    createdAt: integer(row, 'created_at'),
    updatedAt: integer(row, 'updated_at'),
  }
}
