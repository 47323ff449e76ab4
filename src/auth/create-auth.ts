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

/** The dependencies and secrets of authentication. */
export interface AuthDeps {
  readonly store: Store
  readonly clock: Clock
  /** The secret under which the stored verifiers were made. */
  readonly pepper: Uint8Array
  /** A key that is not stored and always belongs to the administrator. */
  readonly adminKey: string | undefined
  /** The trust in JSON web tokens, or undefined where they are refused. */
  readonly jwt?: JwtSettings | undefined
  /** The time for which the address of a stream can be opened without a key. */
  readonly ticketMs: number
}

/** Authentication: it turns credentials into principals and watches over those of open connections. */
export interface Auth {
  /**
   * Resolves with the caller. Refuses `unauthenticated` without a credential, and for one that is unknown, wrong or
   * revoked: these three give the same answer and cost the same work. A change by another process may go unnoticed for
   * some seconds.
   */
  authenticate(credential: string | undefined): Promise<Principal>
  /**
   * Tells a connection that serves a caller for longer than one response when the caller's credential is no longer
   * valid. Every stream, socket and wait is watched through it.
   */
  readonly watch: PrincipalWatch['watch']
  /** Issues and redeems addresses that show one task for a short time to a client that has no way to send a key. */
  readonly tickets: Tickets
  /** Forgets every cached credential, since this process changed a key or the rights of its user. */
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
/** A value that is no prefix of a stored key and no id of a user. */
const noPrefix = 'none'
const nobody = ''

/** Creates the authentication of one server. Valid credentials are cached for a moment, until `forget`. */
export function createAuth({ store, clock, pepper, adminKey, jwt, ticketMs }: AuthDeps): Auth {
  const verifyJwt = jwt && createJwtVerifier(jwt, clock.now)
  const digest = (text: string) => createHmac('sha256', pepper).update(text).digest()
  const adminVerifier = adminKey === undefined ? undefined : digest(adminKey)
  /**
   * The credentials that were valid just now, by their SHA-256, since an HMAC costs as much as the rest of a request.
   * Wrong credentials are never cached: the time would then tell known prefixes from unknown ones.
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
      // A credential that was read before a change by this process must not be cached after it.
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

/** The one refusal of every credential that opens nothing here, so that refusals cannot be distinguished. */
export function invalidKey(): Refusal {
  return new Refusal('unauthenticated', 'The key is not valid.')
}

async function readKey(store: Store, prefix: string, now: number): Promise<KnownKey | undefined> {
  const key = await store.readKeyByPrefix(prefix)
  // The user is read in every case, so that every refusal takes as long, whatever its reason.
  const user = await store.readUser(key?.userId ?? nobody)
  if (key === undefined || key.revokedAt !== null || user === undefined) return undefined
  return { verifier: Buffer.from(key.verifier, 'hex'), principal: principalOf(key, user.teamId), readAt: now }
}

/** Reads the caller from the store again. Refuses `unauthenticated` where the credential is no longer valid. */
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

/** The user that a token names, as an operator. An unknown user is created where the operator's settings allow that. */
async function userOfToken(store: Store, clock: Clock, token: VerifiedToken, create: boolean): Promise<Principal> {
  const id = token.subject
  const known = await store.readUser(id)
  if (known === undefined && !create) throw new Refusal('unauthenticated', 'The token is not valid.')
  if (known === undefined) {
    const defaults = { teamId: null, defaultProvider: null, defaultModel: null }
    const user = { id, name: token.name ?? id, email: token.email ?? null, ...defaults, createdAt: clock.now() }
    // Where two requests create the user at once, the later one is refused, and the user exists all the same.
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
