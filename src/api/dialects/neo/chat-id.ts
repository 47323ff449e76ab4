import { createHash } from 'node:crypto'
import type { Principal } from '../../../domain/principal.ts'
import type { CreateTask } from './contract/create-task.ts'

const anyUuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu

/**
 * Makes the id of the task that a chat of this user is. The AI SDK gives chats ids that are no UUIDs. The same chat of the
 * same user is always the same task, without anything that has to be remembered, and no other user's chat is.
 */
function taskIdOfChat({ userId }: Pick<Principal, 'userId'>, chatId: string): string {
  const hex = createHash('sha256')
    .update(JSON.stringify(['neo chat', userId, chatId]))
    .digest('hex')
  const part = (from: number, to: number) => hex.slice(from, to)
  // Version 8 is for ids that their maker derives.
  return `${part(0, 8)}-${part(8, 12)}-8${part(13, 16)}-a${part(17, 20)}-${part(20, 32)}`
}

/** Reads the id of a path: that of a task, or the one that a chat of the caller has in its client. */
export function readTaskOrChatId(principal: Pick<Principal, 'userId'>, id: string): string {
  return anyUuid.test(id) ? id.toLowerCase() : taskIdOfChat(principal, id)
}

/**
 * Names the task of a chat in its request. Only a request with `messages` comes from a chat: any other id that is no UUID is
 * invalid, and replaced by a new one.
 */
export function nameTaskOfChat(principal: Pick<Principal, 'userId'>, body: CreateTask): CreateTask {
  const { id, messages } = body
  if (messages === undefined || typeof id !== 'string' || id === '' || anyUuid.test(id)) return body
  return { ...body, id: taskIdOfChat(principal, id) }
}
