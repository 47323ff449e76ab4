import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../clock/clock.ts'
import type { ApiKey } from '../domain/identity.ts'
import type { Principal } from '../domain/principal.ts'
import { Refusal } from '../domain/refusal.ts'
import { absentUser } from '../store/commit.ts'
import type { Store } from '../store/store.ts'
import { prefixOf } from './api-key.ts'
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
}

/** Who is calling. */
export interface Auth {
  /**
   * Refuses `unauthenticated`: no credential, an unknown, a wrong or a revoked one; the last three look the same, and all
   * cost the same work. What it knows of a key may be some seconds old where another process changed it.
   */
  authenticate(credential: string | undefined): Promise<Principal>
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

export function createAuth({ store, clock, pepper, adminKey, jwt }: AuthParts): Auth {
  const verifyJwt = jwt && createJwtVerifier(jwt, clock.now)
  const digest = (text: string) => createHmac('sha256', pepper).update(text).digest()
  const adminVerifier = adminKey === undefined ? undefined : digest(adminKey)
  /**
   * Credentials that were right just now, by their SHA-256: an HMAC costs as much as all else that a request is. Nothing is
   * remembered for those that were wrong, which would tell known prefixes from unknown ones by the time it takes.
   */
  const verified = new Map<string, KnownKey>()
  let generation = 0

  return {
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
      if (!equal || key === undefined) throw new Refusal('unauthenticated', 'The key is not valid.')
      // What was read before a change by this process must not be remembered after it.
      if (started === generation) remember(verified, fingerprint, key)
      return key.principal
    },
    forget() {
      generation += 1
      verified.clear()
    },
  }
}

async function readKey(store: Store, prefix: string, now: number): Promise<KnownKey | undefined> {
  const key = await store.readKeyByPrefix(prefix)
  // The user is read in any case: what is refused takes as long, whatever is wrong with it.
  const user = await store.readUser(key?.userId ?? nobody)
  if (key === undefined || key.revokedAt !== null || user === undefined) return undefined
  return { verifier: Buffer.from(key.verifier, 'hex'), principal: principalOf(key, user.teamId), readAt: now }
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
  return { userId: id, teamId: known?.teamId ?? null, role: 'operator', dialect: 'neo', agentId: null, keyId: null }
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
