import type { FetchImplementation, JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from 'jose'
import { Refusal } from '../domain/refusal.ts'

/** The operator's settings for trusting JSON web tokens. Exactly one of `secret` and `jwksUrl` is set. */
export interface JwtSettings {
  /** The secret for HS256, of at least 32 bytes. */
  readonly secret: string | undefined
  /** The address of the public keys for RS256, ES256 and EdDSA. */
  readonly jwksUrl: string | undefined
  readonly issuer: string | undefined
  readonly audience: string | undefined
  /** Whether a user is created for an unknown `sub`. */
  readonly createUsers: boolean
}

/** The claims of a verified token. */
export interface VerifiedToken {
  /** The id of the user. */
  readonly subject: string
  readonly name: string | undefined
  readonly email: string | undefined
  /** The expiry in epoch milliseconds. */
  readonly expiresAt: number
}

/** Whether a credential has the form of a token: three base64url parts, which no key has. */
export function looksLikeJwt(credential: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/u.test(credential) && credential.startsWith('eyJ')
}

const publicAlgorithms = ['RS256', 'ES256', 'EdDSA']
const clockToleranceSeconds = 5

/**
 * Creates the verifier of tokens. It checks the signature under a pinned algorithm, the expiry (a token without one is
 * refused), and issuer and audience where the operator names them. It refuses `unauthenticated` without a reason. The
 * library is loaded at the first token.
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
  const options = (algorithms: string[]): JWTVerifyOptions => {
    const checks: JWTVerifyOptions = {
      algorithms,
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(now()),
      requiredClaims: ['exp', 'sub'],
    }
    if (issuer !== undefined) checks.issuer = issuer
    if (audience !== undefined) checks.audience = audience
    return checks
  }
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

/** The largest key set that is read, in bytes: room for some thousand keys. docs/operating.md names it. */
export const jwksBytesMax = 1024 * 1024

/**
 * Fetches the operator's key set for `jose`, which allows five seconds. Throws for a redirect, naming both hosts, since
 * the host it leads to could sign tokens. Throws for a body above `jwksBytesMax`, which could fill the memory in that
 * time.
 */
export const fetchJwks: FetchImplementation = async (url, options) => {
  const response = await fetch(url, { ...options, redirect: 'manual' })
  const { status, headers, body } = response
  if (status >= 300 && status < 400) {
    const target = URL.parse(headers.get('location') ?? '', url)
    throw new Error(`${new URL(url).host} redirects to ${target?.host ?? 'nowhere'} (${status}); it is not followed.`)
  }
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.length
    if (bytes > jwksBytesMax)
      throw new Error(`The key set at ${new URL(url).host} is larger than ${jwksBytesMax} bytes.`)
    chunks.push(chunk)
  }
  return new Response(Buffer.concat(chunks), { status, headers: { 'content-type': 'application/json' } })
}
