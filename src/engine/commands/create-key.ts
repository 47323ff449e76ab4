import type { ApiKey } from '../../domain/identity.ts'
import { type Dialect, may, type Principal, type Role } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { absentKeyPrefix } from '../../store/commit.ts'
import type { ServerRooms } from '../server-rooms.ts'
import { withinLimit } from '../within-limit.ts'
import { blankName } from './agent-settings.ts'
import { readAgentFor } from './submit-task.ts'

export interface CreateKey {
  readonly name: string
  readonly dialect: Dialect
  /** Undefined: the caller. */
  readonly userId: string | undefined
  readonly agentId: string | null
  /** Undefined: operator, or the caller's own where they may not give that. */
  readonly role: Role | undefined
}

/** The stored half of a new key; the key itself never comes here. */
export interface KeyHalf {
  readonly prefix: string
  readonly verifier: string
}

/**
 * The roles that each role may give to a key: what gives no right that the caller lacks. A key is never above its maker, and
 * who approves is not chosen by who asks.
 */
const givenBy: Readonly<Record<Role, readonly Role[]>> = {
  admin: ['admin', 'operator', 'approver', 'auditor', 'viewer'],
  operator: ['operator', 'viewer'],
  approver: ['approver', 'viewer'],
  auditor: ['auditor', 'viewer'],
  viewer: ['viewer'],
}

/**
 * Keeps a new key. Everybody makes keys for themself, none above their own role; an administrator makes them for any user.
 * `makeHalf` is called once per try, as a prefix may be taken. Refuses `role_forbidden`, `user_not_found`,
 * `agent_not_found`, `invalid_input`.
 */
export async function createKey(
  rooms: ServerRooms,
  principal: Principal,
  request: CreateKey,
  makeHalf: () => KeyHalf,
): Promise<ApiKey> {
  if (request.name.trim() === '') throw blankName()
  withinLimit(rooms.limits, 'name_chars_max', 'name', request.name.length)
  const role = roleOf(principal, request.role)
  const userId = await userOf(rooms, principal, request.userId)
  if (request.agentId !== null) await readAgentFor(rooms, principal, request.agentId)
  for (let tries = 0; tries < 5; tries += 1) {
    const key: ApiKey = {
      ...makeHalf(),
      id: rooms.randomness.newId(),
      name: request.name,
      dialect: request.dialect,
      userId,
      agentId: request.agentId,
      role,
      createdAt: rooms.clock.now(),
      revokedAt: null,
    }
    const outcome = await rooms.store.commit({
      require: [absentKeyPrefix(key.prefix)],
      write: [{ kind: 'insert_key', key }],
    })
    if (outcome.committed) return key
  }
  throw new Error('No free prefix was found for a new key.')
}

function roleOf(principal: Principal, wanted: Role | undefined): Role {
  if (principal.agentId !== null) throw new Refusal('role_forbidden', 'A key that is bound to an agent makes no keys.')
  const allowed = givenBy[principal.role]
  const role = wanted ?? (allowed.includes('operator') ? 'operator' : principal.role)
  if (allowed.includes(role)) return role
  const message = `must be one of: ${allowed.join(', ')}`
  throw new Refusal('role_forbidden', `The role ${principal.role} may not make keys with the role ${role}.`, {
    fields: [{ field: 'role', message }],
  })
}

async function userOf(rooms: ServerRooms, principal: Principal, userId: string | undefined): Promise<string> {
  if (userId === undefined || userId === principal.userId) return principal.userId
  if (!may(principal, 'administer')) {
    throw new Refusal('role_forbidden', 'Only administrators make keys for somebody else.')
  }
  if ((await rooms.store.readUser(userId)) === undefined) throw new Refusal('user_not_found', 'There is no such user.')
  return userId
}
