import type { Chat } from '../../domain/chat.ts'
import type { Principal } from '../../domain/principal.ts'
import type { PageRequest } from '../../store/store.ts'
import type { EngineDeps } from '../engine-deps.ts'

/** The chats in which this caller takes part, newest first; with a key that is bound to an agent, those where it does too. */
export async function listChats(deps: EngineDeps, principal: Principal, page: PageRequest): Promise<Chat[]> {
  const { userId, agentId } = principal
  return deps.store.listChats({ userId, ...(agentId !== null && { agentId }) }, page)
}
