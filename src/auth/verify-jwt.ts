import type { JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from 'jose'
import { Refusal } from '../domain/refusal.ts'
import { fetchJwks } from './fetch-jwks.ts'

/** How JSON web tokens are trusted; set by the operator. One of `secret` and `jwksUrl`. */
export interface JwtSettings {
  /** For HS256; 32 bytes at least. */
  readonly secret: string | undefined
  /** The public keys, for RS256, ES256 and EdDSA. */
  readonly jwksUrl: string | undefined
  readonly issuer: string | undefined
  readonly audience: string | undefined
  /** Whether a `sub` that is no user yet becomes one. */
  readonly createUsers: boolean
}

/** What a token that was verified says. */
export interface VerifiedToken {
  /** The user's id. */
  readonly subject: string
  readonly name: string | undefined
  readonly email: string | undefined
  /** In milliseconds since 1970. */
  readonly expiresAt: number
}

/** Three base64url parts: tokens are told from keys by their form alone. */
export function looksLikeJwt(credential: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/u.test(credential) && credential.startsWith('eyJ')
}

const publicAlgorithms = ['RS256', 'ES256', 'EdDSA']
const clockToleranceSeconds = 5

/**
 * Verifies a token: signature under a pinned algorithm, expiry (a token without one is refused), issuer and audience where
 * the operator names them. Refuses `unauthenticated` without saying why. Loads its library at the first token.
 */
export function createJwtVerifier(settings: JwtSettings, now: () => number): (token: string) => Promise<VerifiedToken> {
  let verify: ((token: string) => Promise<JWTPayload>) | undefined
  return async (token) => {
    verify ??= await loadVerifier(settings, now)
    const payload = await verify(token).catch((cause: unknown) => {
      throw new Refusal('unauthenticated', 'The token is not valid.', { cause })
    })
    const { sub, name, email, exp } = payload
    if (sub === undefined || sub === '' || sub.length > 200 || !sub.isWellFormed() || exp === undefined) {
      throw new Refusal('unauthenticated', 'The token is not valid.')
    }
    return { subject: sub, name: textOf(name), email: textOf(email), expiresAt: Math.floor(exp * 1_000) }
  }
}

async function loadVerifier(settings: JwtSettings, now: () => number) {
  const { createRemoteJWKSet, customFetch, jwtVerify } = await import('jose')
  const { secret, jwksUrl, issuer, audience } = settings
  const options = (algorithms: string[]): JWTVerifyOptions => ({
    algorithms,
    clockTolerance: clockToleranceSeconds,
    currentDate: new Date(now()),
    requiredClaims: ['exp', 'sub'],
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
  })
  if (secret !== undefined) {
    const key = new TextEncoder().encode(secret)
    return async (token: string) => (await jwtVerify(token, key, options(['HS256']))).payload
  }
  const keys: JWTVerifyGetKey = createRemoteJWKSet(new URL(jwksUrl ?? ''), { [customFetch]: fetchJwks })
  return async (token: string) => (await jwtVerify(token, keys, options(publicAlgorithms))).payload
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= 200 ? value.toWellFormed() : undefined
}
