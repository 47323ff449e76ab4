import type { JwtSettings } from '../auth/verify-jwt.ts'
import type { SettingName, Settings } from './settings.ts'
import { StartError } from './start-error.ts'

const secretBytesMin = 32

/**
 * How JSON web tokens are trusted; undefined while neither a secret nor the address of public keys is set: then none is taken.
 * Throws StartError for what is not allowed, naming the variable and never its value where that is secret.
 */
export function readJwtSettings(env: Settings): JwtSettings | undefined {
  const secret = env['MANDATE_JWT_SECRET'] || undefined
  const jwksUrl = env['MANDATE_JWT_JWKS_URL'] || undefined
  if (secret === undefined && jwksUrl === undefined) return refuseStrays(env)
  if (secret !== undefined && jwksUrl !== undefined) {
    throw new StartError('usage', 'MANDATE_JWT_SECRET and MANDATE_JWT_JWKS_URL are both set; only one may be.')
  }
  if (secret !== undefined && Buffer.byteLength(secret) < secretBytesMin) {
    throw new StartError('usage', `MANDATE_JWT_SECRET must have at least ${secretBytesMin} bytes.`)
  }
  if (jwksUrl !== undefined && !isHttpUrl(jwksUrl)) {
    throw new StartError('usage', `MANDATE_JWT_JWKS_URL is "${jwksUrl}"; it must be an http or https URL.`)
  }
  return {
    secret,
    jwksUrl,
    issuer: env['MANDATE_JWT_ISSUER'] || undefined,
    audience: env['MANDATE_JWT_AUDIENCE'] || undefined,
    createUsers: readFlag(env, 'MANDATE_JWT_CREATE_USERS'),
  }
}

/** Who sets one of these wants tokens to be taken, which without a key they would not be. */
function refuseStrays(env: Settings): undefined {
  const names = ['MANDATE_JWT_ISSUER', 'MANDATE_JWT_AUDIENCE', 'MANDATE_JWT_CREATE_USERS'] as const
  const stray = names.find((name) => env[name])
  if (stray === undefined) return undefined
  throw new StartError('usage', `${stray} is set, but neither MANDATE_JWT_SECRET nor MANDATE_JWT_JWKS_URL is.`)
}

/** Reads a setting that is on (`1`) or off (`0`, empty or absent). Throws StartError for anything else. */
export function readFlag(env: Settings, name: SettingName): boolean {
  const value = env[name] || '0'
  if (value === '0' || value === '1') return value === '1'
  throw new StartError('usage', `${name} is "${value}"; allowed are 1 and 0.`)
}

function isHttpUrl(text: string): boolean {
  return /^https?:$/u.test(URL.parse(text)?.protocol ?? '')
}
