import type { DatabaseSync } from 'node:sqlite'
import type { PageRequest, Store } from '../../store.ts'
import { chats as chatTable, shares } from '../tables/chats.ts'

type ChatReads = Pick<Store, 'readChat' | 'readChatByMembers' | 'listChats' | 'readShare' | 'readShareOfTask'>

const chat = `SELECT chats.*, (
    SELECT json_group_array(json_object('id', m.id, 'type', m.type, 'memberId', m.member_id, 'role', m.role) ORDER BY m.position)
    FROM chat_members m WHERE m.chat_id = chats.id) AS members FROM chats`
const sql = {
  chat: `${chat} WHERE id = ?`,
  chatByMembers: `${chat} WHERE members_key = ?`,
  chats: `${chat} JOIN chat_members mine ON mine.chat_id = chats.id
    WHERE mine.member_id = :user AND mine.type = 'human' AND mine.chat_id < :before
      AND (:agent IS NULL OR EXISTS (
        SELECT 1 FROM chat_members a WHERE a.member_id = :agent AND a.type = 'agent' AND a.chat_id = chats.id))
    ORDER BY mine.chat_id DESC LIMIT :limit`,
  share: 'SELECT * FROM shares WHERE code = ?',
  shareOfTask: 'SELECT * FROM shares WHERE task_id = ?',
} as const

/** An upper bound: it sorts after every id. */
const lastId = '\u{10ffff}'

/** Reads of chats and of the links by which tasks are shared. */
export function createChatReads(database: DatabaseSync): ChatReads {
  const readChat = database.prepare(sql.chat)
  const chatByMembers = database.prepare(sql.chatByMembers)
  const chats = database.prepare(sql.chats)
  const readShare = database.prepare(sql.share)
  const shareOfTask = database.prepare(sql.shareOfTask)
  return {
    readChat: async (id) => readChat.all(id).map(chatTable.read)[0],
    readChatByMembers: async (key) => chatByMembers.all(key).map(chatTable.read)[0],
    listChats: async ({ userId, agentId }, page) =>
      chats
        .all({ user: userId, agent: agentId ?? null, before: idBefore(page), limit: page.limit })
        .map(chatTable.read),
    readShare: async (code) => readShare.all(code).map(shares.read)[0],
    readShareOfTask: async (taskId) => shareOfTask.all(taskId).map(shares.read)[0],
  }
}

function idBefore({ before }: PageRequest): string {
  if (before === undefined) return lastId
  if (!('id' in before)) throw new Error('A page of these begins after a createdAt and an id.')
  return before.id
}
