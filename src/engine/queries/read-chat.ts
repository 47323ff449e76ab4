import { type Chat, mayReadChat } from '../../domain/chat.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { EngineDeps } from '../engine-deps.ts'

/** The chat, if this caller takes part in it or reads everything. Absent and not theirs: the same refusal, after the same work. */
export async function readChat(deps: EngineDeps, principal: Principal, chatId: string): Promise<Chat> {
  const chat = await deps.store.readChat(chatId)
  if (chat === undefined || !mayReadChat(principal, chat)) {
    throw new Refusal('chat_not_found', 'There is no such chat.')
  }
  return chat
}
