import { type Chat, mayReadChat } from '../../domain/chat.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { EngineDeps } from '../engine-deps.ts'

/**
 * Reads a chat, if this caller takes part in it or reads everything. Refuses `chat_not_found`, in the same words and after
 * the same work, for none and for one of others.
 */
export async function readChat(deps: Pick<EngineDeps, 'store'>, principal: Principal, chatId: string): Promise<Chat> {
  const chat = await deps.store.readChat(chatId)
  if (chat === undefined || !mayReadChat(principal, chat)) {
    throw new Refusal('chat_not_found', 'There is no such chat.')
  }
  return chat
}
