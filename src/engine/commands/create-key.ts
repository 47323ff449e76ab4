import type { ApiKey } from '../../domain/identity.ts'
import { type Dialect, grantableRoles, may, type Principal, type Role } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { absentKeyPrefix, type Commit, type IdempotentRequest } from '../../store/commit.ts'
import { commitOnce } from '../../store/commit-once.ts'
import { readAgentFor } from '../access/read-agent.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { blankName } from '../settings/agent-settings.ts'
import { withinLimit } from '../settings/within-limit.ts'
import type { ShownSecret } from '../webhooks/webhook-secrets.ts'

/** The request for a new key. */
export interface CreateKey {
  readonly name: string
  readonly dialect: Dialect
  /** The user of the key; undefined for the caller. */
  readonly userId: string | undefined
  readonly agentId: string | null
  /** The role of the key; undefined for operator, or for the caller's own role where they may not grant that. */
  readonly role: Role | undefined
  readonly idempotency?: IdempotentRequest | undefined
}

/** The stored half of a new key. The key itself never reaches the engine in clear. */
export interface KeyHalf {
  readonly prefix: string
  readonly verifier: string
  /** The key itself, as only this installation can decrypt it: kept with a request that may be repeated, and nowhere else. */
  readonly secret: ShownSecret
}

/** The outcome of a request for a key: the stored key, and the key itself as only this installation can decrypt it. */
export interface CreatedKey {
  readonly key: ApiKey
  readonly secret: ShownSecret
}

/**
 * Stores a new key; it is on disk when this resolves. Every caller makes keys for themself, none above the role of their own
 * key; an administrator makes them for any user. `makeHalf` is called once per try, since a prefix may be taken. A key that
 * could never open anything is refused: its user must be allowed to use the agent that it is bound to, and a key of Xagent
 * must be bound to one. Refuses `role_forbidden`, `user_not_found`, `agent_not_found`, `invalid_input`.
 */
export async function createKey(
  deps: EngineDeps,
  principal: Principal,
  request: CreateKey,
  makeHalf: () => KeyHalf,
): Promise<CreatedKey> {
  if (request.name.trim() === '') throw blankName()
  withinLimit(deps.limits, 'name_chars_max', 'name', request.name.length)
  const role = roleOf(principal, request.role)
  const userId = await userOf(deps, principal, request.userId)
  await checkAgent(deps, principal, { ...request, userId, role })
  for (let tries = 0; tries < 5; tries += 1) {
    const { secret, ...half } = makeHalf()
    const key: ApiKey = {
      ...half,
      id: deps.randomness.newId(),
      name: request.name,
      dialect: request.dialect,
      userId,
      agentId: request.agentId,
      role,
      createdAt: deps.clock.now(),
      revokedAt: null,
    }
    const created: CreatedKey = { key, secret }
    const commit: Commit = { require: [absentKeyPrefix(key.prefix)], write: [{ kind: 'insert_key', key }] }
    const outcome = await commitOnce(deps.store, commit, request.idempotency, { made: created })
    if (outcome.committed) return created
  }
  throw new Error('No free prefix was found for a new key.')
}

function roleOf(principal: Principal, requested: Role | undefined): Role {
  if (principal.agentId !== null) throw new Refusal('role_forbidden', 'A key that is bound to an agent makes no keys.')
  const allowed = grantableRoles(principal)
  const role = requested ?? (allowed.includes('operator') ? 'operator' : principal.role)
  if (allowed.includes(role)) return role
  const message = `must be one of: ${allowed.join(', ')}`
  throw new Refusal('role_forbidden', `The role ${principal.role} may not make keys with the role ${role}.`, {
    fields: [{ field: 'role', message }],
  })
}

async function userOf(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  userId: string | undefined,
): Promise<string> {
  if (userId === undefined || userId === principal.userId) return principal.userId
  if (!may(principal, 'administer')) {
    throw new Refusal('role_forbidden', 'Only administrators make keys for somebody else.')
  }
  if ((await deps.store.readUser(userId)) === undefined) throw new Refusal('user_not_found', 'There is no such user.')
  return userId
}

/** Both the caller and the user of the new key must be allowed to use the agent. */
async function checkAgent(
  deps: EngineDeps,
  principal: Principal,
  { dialect, agentId, userId, role }: CreateKey & { readonly userId: string; readonly role: Role },
): Promise<void> {
  if (agentId === null && dialect === 'xagent') {
    const fields = [{ field: 'agent_id', message: 'is needed: a key of this dialect is bound to one agent' }]
    throw new Refusal('invalid_input', 'A key of the dialect xagent needs the agent that it is bound to.', { fields })
  }
  if (agentId === null) return
  await readAgentFor(deps, principal, agentId)
  const user = await deps.store.readUser(userId)
  await readAgentFor(deps, { userId, teamId: user?.teamId ?? null, role, dialect, agentId, keyId: null }, agentId)
}
