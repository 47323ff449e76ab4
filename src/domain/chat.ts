import { may, type Principal } from './principal.ts'

export const chatTypes = ['direct', 'group'] as const
export type ChatType = (typeof chatTypes)[number]

export const memberTypes = ['human', 'agent'] as const
export type MemberType = (typeof memberTypes)[number]

export const memberRoles = ['owner', 'member', 'agent'] as const
export type MemberRole = (typeof memberRoles)[number]

/** One who takes part in a chat: a user or an agent, by their id. */
export interface ChatMember {
  readonly id: string
  readonly type: MemberType
  readonly memberId: string
  readonly role: MemberRole
}

/** Who works together: the people and agents among whom tasks are started. There is one of each type for the same members. */
export interface Chat {
  readonly id: string
  readonly type: ChatType
  readonly title: string | null
  /** The user who made it, always one of the members. */
  readonly ownerId: string
  /** In the order given; they never change. */
  readonly members: readonly ChatMember[]
  readonly createdAt: number
  readonly updatedAt: number
}

type Named = Pick<ChatMember, 'type' | 'memberId'>

/** By what a chat is found again: the same type and the same members, in whatever order they are named. */
export function membersKey(type: ChatType, members: readonly Named[]): string {
  const names = members.map((member) => `${member.type}:${member.memberId}`)
  return JSON.stringify([type, ...[...new Set(names)].sort()])
}

/** Whether this caller may see a chat: they take part in it, or their role reads everything; with a key that is bound to an agent, only where that agent takes part. */
export function mayReadChat(principal: Principal, chat: Chat): boolean {
  const has = (type: MemberType, id: string) => chat.members.some((one) => one.type === type && one.memberId === id)
  if (principal.agentId !== null && !has('agent', principal.agentId)) return false
  return may(principal, 'readAll') || has('human', principal.userId)
}
