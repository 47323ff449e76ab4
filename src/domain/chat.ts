import { may, type Principal } from './principal.ts'

/** The types of a chat. */
export const chatTypes = ['direct', 'group'] as const
/** The type of a chat. */
export type ChatType = (typeof chatTypes)[number]

/** The kinds of members of a chat. */
export const memberTypes = ['human', 'agent'] as const
/** The kind of a member. */
export type MemberType = (typeof memberTypes)[number]

/** The roles of members in a chat. */
export const memberRoles = ['owner', 'member', 'agent'] as const
/** The role of a member. */
export type MemberRole = (typeof memberRoles)[number]

/** A member of a chat: a user or an agent, by id. */
export interface ChatMember {
  readonly id: string
  readonly type: MemberType
  readonly memberId: string
  readonly role: MemberRole
}

/** A group of people and agents among whom tasks are started. There is one chat of each type for the same members. */
export interface Chat {
  readonly id: string
  readonly type: ChatType
  readonly title: string | null
  /** The user who created it, who is always a member. */
  readonly ownerId: string
  /** The members in the order given. They never change. */
  readonly members: readonly ChatMember[]
  readonly createdAt: number
  readonly updatedAt: number
}

type Named = Pick<ChatMember, 'type' | 'memberId'>

/** The key by which a chat is found again. It depends on the type and the members and not on their order. */
export function membersKey(type: ChatType, members: readonly Named[]): string {
  const names = members.map((member) => `${member.type}:${member.memberId}`)
  return JSON.stringify([type, ...[...new Set(names)].sort()])
}

/**
 * Whether the caller may read the chat: as a member, or by a role that reads everything. A key that is bound to an
 * agent reads only chats of that agent.
 */
export function mayReadChat(principal: Principal, chat: Chat): boolean {
  const has = (type: MemberType, id: string) => chat.members.some((one) => one.type === type && one.memberId === id)
  if (principal.agentId !== null && !has('agent', principal.agentId)) return false
  return may(principal, 'readAll') || has('human', principal.userId)
}
