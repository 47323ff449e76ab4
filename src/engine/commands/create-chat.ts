import { type Chat, type ChatType, type MemberType, mayReadChat, membersKey } from '../../domain/chat.ts'
import { may, type Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { absentChat } from '../../store/commit.ts'
import { readAgentFor } from '../access/read-agent.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { retryChanged } from '../retry-changed.ts'
import { withinLimit } from '../settings/within-limit.ts'

/** A member of a chat as the request names it. */
export interface NamedMember {
  readonly type: MemberType
  /** The id of a user or an agent. */
  readonly memberId: string
}

/** The request for a chat with these members. */
export interface CreateChat {
  readonly type: ChatType
  readonly members: readonly NamedMember[]
}

/**
 * Answers with the chat of this type and these members: the one that exists, or a new one. The caller is a member, named or
 * not; a member that is named twice counts once. Of several requests at once one creates the chat, and all get the same.
 * Refuses `role_forbidden`, `agent_not_found` (an agent that the caller may not use), `user_not_found` (somebody outside the
 * caller's team; administrators may name anybody).
 */
export async function createChat(deps: EngineDeps, principal: Principal, request: CreateChat): Promise<Chat> {
  if (!may(principal, 'submit')) {
    throw new Refusal('role_forbidden', `The role ${principal.role} may not make chats. Allowed: admin, operator.`)
  }
  withinLimit(deps.limits, 'chat_members_max', 'members', request.members.length)
  const members = withCaller(principal, request.members)
  const { agentId } = principal
  if (agentId !== null && !members.some(({ type, memberId }) => type === 'agent' && memberId === agentId)) {
    throw new Refusal('role_forbidden', 'A key that is bound to an agent makes only chats with that agent.')
  }
  const key = membersKey(request.type, members)
  return retryChanged(async () => {
    const known = await deps.store.readChatByMembers(key)
    if (known !== undefined && mayReadChat(principal, known)) return known
    for (const member of members) await checkMember(deps, principal, member)
    const chat = newChat(deps, principal, request.type, members)
    const outcome = await deps.store.commit({
      require: [absentChat(key)],
      write: [{ kind: 'insert_chat', chat }],
    })
    return outcome.committed ? chat : undefined
  })
}

function withCaller(principal: Principal, named: readonly NamedMember[]): NamedMember[] {
  const caller: NamedMember = { type: 'human', memberId: principal.userId }
  const keyOf = ({ type, memberId }: NamedMember) => `${type}:${memberId}`
  const members = new Map(named.map((member) => [keyOf(member), member]))
  return members.has(keyOf(caller)) ? [...members.values()] : [caller, ...members.values()]
}

/** A user of another team and no user at all are refused in the same words. */
async function checkMember(deps: EngineDeps, principal: Principal, { type, memberId }: NamedMember): Promise<void> {
  if (type === 'agent') {
    await readAgentFor(deps, principal, memberId)
    return
  }
  if (memberId === principal.userId) return
  const user = await deps.store.readUser(memberId)
  const known = may(principal, 'administer') || (principal.teamId !== null && user?.teamId === principal.teamId)
  if (user === undefined || !known) throw new Refusal('user_not_found', 'There is no such user.')
}

function newChat(
  { clock, randomness }: Pick<EngineDeps, 'clock' | 'randomness'>,
  principal: Principal,
  type: ChatType,
  named: NamedMember[],
): Chat {
  const at = clock.now()
  const id = randomness.newId()
  const roleOf = (member: NamedMember) => {
    if (member.type === 'agent') return 'agent'
    return member.memberId === principal.userId ? 'owner' : 'member'
  }
  const members = named.map((member) => ({ ...member, id: randomness.newId(), role: roleOf(member) }) as const)
  return { id, type, title: null, ownerId: principal.userId, members, createdAt: at, updatedAt: at }
}
