import type { Chat } from '../../domain/chat.ts'
import type { Principal } from '../../domain/principal.ts'
import type { PageRequest } from '../../store/store.ts'
import type { EngineDeps } from '../engine-deps.ts'

/**
 * Lists the chats in which this caller takes part, newest first. A key that is bound to an agent sees those in which the
 * agent takes part too.
 */
export async function listChats(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  page: PageRequest,
): Promise<Chat[]> {
  const { userId, agentId } = principal
  return deps.store.listChats({ userId, ...(agentId !== null && { agentId }) }, page)
}
