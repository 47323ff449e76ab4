import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../clock/clock.ts'
import type { ApiKey } from '../domain/identity.ts'
import type { Principal } from '../domain/principal.ts'
import { Refusal } from '../domain/refusal.ts'
import { absentUser } from '../store/commit.ts'
import type { Store } from '../store/store.ts'
import { prefixOf } from './api-key.ts'
import { createPrincipalWatch, type PrincipalWatch } from './principal-watch.ts'
import { createTickets, type Tickets } from './tickets.ts'
import { createJwtVerifier, type JwtSettings, looksLikeJwt, type VerifiedToken } from './verify-jwt.ts'

export interface AuthParts {
  readonly store: Store
  readonly clock: Clock
  /** Under which the stored verifiers were made. */
  readonly pepper: Uint8Array
  /** A key that is not stored and always is the administrator's. */
  readonly adminKey: string | undefined
  /** Undefined: JSON web tokens are not taken. */
  readonly jwt?: JwtSettings | undefined
  /** For how long the address of a stream can be opened without a key. */
  readonly ticketMs: number
}

/** Who is calling. */
export interface Auth {
  /**
   * Refuses `unauthenticated`: no credential, an unknown, a wrong or a revoked one; the last three look the same, and all
   * cost the same work. What it knows of a key may be some seconds old where another process changed it.
   */
  authenticate(credential: string | undefined): Promise<Principal>
  /**
   * Tells whoever serves a caller for longer than one answer when the caller's credential is good no more. Every stream,
   * socket and wait is watched through it.
   */
  readonly watch: PrincipalWatch['watch']
  /** Addresses that show one task for a short time to who has no way to send a key. */
  readonly tickets: Tickets
  /** A key, or what its user may do, was changed by this process: nothing that was known before counts. */
  forget(): void
}

interface KnownKey {
  readonly verifier: Buffer
  readonly principal: Principal
  readonly readAt: number
}

const knownMsMax = 10_000
const knownMax = 10_000
const noVerifier = Buffer.alloc(32)
/** No stored key has this prefix, no user this id. */
const noPrefix = 'none'
const nobody = ''

export function createAuth({ store, clock, pepper, adminKey, jwt, ticketMs }: AuthParts): Auth {
  const verifyJwt = jwt && createJwtVerifier(jwt, clock.now)
  const digest = (text: string) => createHmac('sha256', pepper).update(text).digest()
  const adminVerifier = adminKey === undefined ? undefined : digest(adminKey)
  /**
   * Credentials that were right just now, by their SHA-256: an HMAC costs as much as all else that a request is. Nothing is
   * remembered for those that were wrong, which would tell known prefixes from unknown ones by the time it takes.
   */
  const verified = new Map<string, KnownKey>()
  let generation = 0
  const refresh = (principal: Principal) => refreshPrincipal(store, clock, principal)
  const watch = createPrincipalWatch({ clock, refresh })

  return {
    watch: watch.watch,
    tickets: createTickets({ clock, pepper, ticketMs, adminVerifier, takesTokens: jwt !== undefined, refresh }),
    async authenticate(credential) {
      if (credential === undefined) {
        await readKey(store, noPrefix, clock.now())
        throw new Refusal(
          'unauthenticated',
          'A key is needed: send "Authorization: Bearer <key>" or "X-API-Key: <key>".',
        )
      }
      if (jwt !== undefined && verifyJwt !== undefined && looksLikeJwt(credential)) {
        return userOfToken(store, clock, await verifyJwt(credential), jwt.createUsers)
      }
      const fingerprint = hash('sha256', credential, 'base64')
      const before = verified.get(fingerprint)
      if (before !== undefined && clock.now() - before.readAt < knownMsMax) return before.principal
      const verifier = digest(credential)
      const started = generation
      const now = clock.now()
      const admin = adminVerifier !== undefined && timingSafeEqual(verifier, adminVerifier)
      // A credential without the form of a key is looked up like any other, so that it takes as long.
      const key = admin ? await adminKeyOf(store, now) : await readKey(store, prefixOf(credential) ?? noPrefix, now)
      const equal = admin || timingSafeEqual(verifier, key?.verifier ?? noVerifier)
      if (!equal || key === undefined) throw invalidKey()
      // What was read before a change by this process must not be remembered after it.
      if (started === generation) remember(verified, fingerprint, key)
      return key.principal
    },
    forget() {
      generation += 1
      verified.clear()
      watch.recheck()
    },
  }
}

/** Said of every credential that does not open what was asked for, so that nothing tells one such refusal from another. */
export function invalidKey(): Refusal {
  return new Refusal('unauthenticated', 'The key is not valid.')
}

async function readKey(store: Store, prefix: string, now: number): Promise<KnownKey | undefined> {
  const key = await store.readKeyByPrefix(prefix)
  // The user is read in any case: what is refused takes as long, whatever is wrong with it.
  const user = await store.readUser(key?.userId ?? nobody)
  if (key === undefined || key.revokedAt !== null || user === undefined) return undefined
  return { verifier: Buffer.from(key.verifier, 'hex'), principal: principalOf(key, user.teamId), readAt: now }
}

/** The caller as the store has them now. Refuses `unauthenticated` where what they came with is good no more. */
async function refreshPrincipal(store: Store, clock: Clock, known: Principal): Promise<Principal> {
  const { keyId, token, userId } = known
  if (keyId !== null) {
    const key = await store.readKey(keyId)
    const user = await store.readUser(key?.userId ?? nobody)
    if (key === undefined || key.revokedAt !== null || user === undefined) throw invalidKey()
    return principalOf(key, user.teamId)
  }
  if (token === undefined) return (await adminKeyOf(store, clock.now())).principal
  const user = clock.now() < token.expiresAt ? await store.readUser(userId) : undefined
  if (user === undefined) throw new Refusal('unauthenticated', 'The token is not valid.')
  return { ...known, teamId: user.teamId }
}

/** The user that a token names, as an operator. One that is not there yet is made where the operator wants that. */
async function userOfToken(store: Store, clock: Clock, token: VerifiedToken, create: boolean): Promise<Principal> {
  const id = token.subject
  const known = await store.readUser(id)
  if (known === undefined && !create) throw new Refusal('unauthenticated', 'The token is not valid.')
  if (known === undefined) {
    const defaults = { teamId: null, defaultProvider: null, defaultModel: null }
    const user = { id, name: token.name ?? id, email: token.email ?? null, ...defaults, createdAt: clock.now() }
    // Of two requests that come first together one is too late, which is as good: the user is there.
    await store.commit({ require: [absentUser(id)], write: [{ kind: 'insert_user', user }] })
  }
  const who = { userId: id, teamId: known?.teamId ?? null, agentId: null, keyId: null }
  return { ...who, role: 'operator', dialect: 'neo', token: { expiresAt: token.expiresAt } }
}

function principalOf({ id, userId, role, dialect, agentId }: ApiKey, teamId: string | null): Principal {
  return { userId, teamId, role, dialect, agentId, keyId: id }
}

function remember(known: Map<string, KnownKey>, fingerprint: string, key: KnownKey): void {
  known.delete(fingerprint)
  known.set(fingerprint, key)
  if (known.size <= knownMax) return
  const oldest = known.keys().next()
  if (!oldest.done) known.delete(oldest.value)
}

async function adminKeyOf(store: Store, now: number): Promise<KnownKey> {
  const userId = await store.readSetting('admin_user')
  const user = userId === undefined ? undefined : await store.readUser(userId)
  if (user === undefined) throw new Error('The administrator of this server is missing.')
  const who = { userId: user.id, teamId: user.teamId, keyId: null, agentId: null }
  return { verifier: noVerifier, principal: { ...who, role: 'admin', dialect: 'native' }, readAt: now }
}
