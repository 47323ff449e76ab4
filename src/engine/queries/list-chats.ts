import type { Chat } from '../../domain/chat.ts'
import type { Principal } from '../../domain/principal.ts'
import type { PageRequest } from '../../store/store.ts'
import type { ServerRooms } from '../server-rooms.ts'

/** The chats in which this caller takes part, newest first; with a key that is bound to an agent, those where it does too. */
export async function listChats(rooms: ServerRooms, principal: Principal, page: PageRequest): Promise<Chat[]> {
  const { userId, agentId } = principal
  return rooms.store.listChats({ userId, ...(agentId !== null && { agentId }) }, page)
}
