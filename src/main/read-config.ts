import { resolve } from 'node:path'
import type { JwtSettings } from '../auth/verify-jwt.ts'
import { type LimitName, type Limits, limitCeilings, limitDefaults } from '../domain/limits.ts'
import { readFlag, readJwtSettings } from './read-jwt-settings.ts'
import { readCorsOrigins, readTrustedProxies } from './read-network-settings.ts'
import { limitSetting, type SettingName, type Settings } from './settings.ts'
import { readSigningKeySecret } from './signing-keys.ts'
import { StartError } from './start-error.ts'

/** The settings of a server, checked and with their defaults. */
export interface Config {
  readonly host: string
  readonly port: number
  /** Absolute. */
  readonly dataFolder: string
  readonly adminKey: string | undefined
  /** Without a slash at its end; undefined: the listening address. */
  readonly publicUrl: string | undefined
  /** Exact origins whose pages may use this server from a browser. */
  readonly corsOrigins: readonly string[]
  /** Addresses and ranges whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[]
  readonly allowPrivateNetwork: boolean
  /** Undefined: JSON web tokens are not taken. */
  readonly jwt: JwtSettings | undefined
  /** A JSON file that adds models and providers to the catalogue. */
  readonly modelsFile: string | undefined
  /** Encrypts the signing keys on disk; undefined: they are kept as they are. */
  readonly signingKeySecret: string | undefined
  readonly logLevel: string
  readonly limits: Limits
  /** Blocks the writer thread for so long at every sync: for measuring only. */
  readonly syncDelayMs: number
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'silent']

/** The server's settings, from the environment only. Throws StartError for a value that is not allowed, naming the variable. */
export function readConfig(env: Settings): Config {
  const logLevel = env['MANDATE_LOG_LEVEL'] || 'info'
  if (!logLevels.includes(logLevel)) {
    throw new StartError('usage', `MANDATE_LOG_LEVEL is "${logLevel}"; allowed are ${logLevels.join(', ')}.`)
  }
  if (env['DATABASE_URL']) {
    throw new StartError(
      'usage',
      'DATABASE_URL is set, but this version keeps its data in MANDATE_DATA only. Unset it to start.',
    )
  }
  return {
    host: env['MANDATE_HOST'] || '127.0.0.1',
    port: integer(env, 'MANDATE_PORT', 7070, 0, 65_535),
    dataFolder: resolve(env['MANDATE_DATA'] || './data'),
    adminKey: readAdminKey(env),
    publicUrl: readPublicUrl(env),
    corsOrigins: readCorsOrigins(env),
    trustedProxies: readTrustedProxies(env),
    allowPrivateNetwork: readFlag(env, 'MANDATE_ALLOW_PRIVATE_NETWORK'),
    jwt: readJwtSettings(env),
    modelsFile: env['MANDATE_MODELS'] || undefined,
    signingKeySecret: readSigningKeySecret(env),
    logLevel,
    limits: readLimits(env),
    syncDelayMs: integer(env, 'MANDATE_BENCH_SYNC_DELAY_MS', 0, 0, 1_000),
  }
}

function readAdminKey(env: Settings): string | undefined {
  const key = env['MANDATE_ADMIN_KEY']
  if (!key) return undefined
  if (key.length < 8 || /\s/u.test(key)) {
    throw new StartError('usage', 'MANDATE_ADMIN_KEY must have at least 8 characters and no white space.')
  }
  return key
}

function readPublicUrl(env: Settings): string | undefined {
  const text = env['MANDATE_PUBLIC_URL']
  if (!text) return undefined
  const url = URL.parse(text)
  if (url === null || !/^https?:$/u.test(url.protocol)) {
    throw new StartError('usage', `MANDATE_PUBLIC_URL is "${text}"; it must be an http or https URL.`)
  }
  return text.replace(/\/+$/u, '')
}

function readLimits(env: Settings): Limits {
  const names = Object.keys(limitDefaults) as LimitName[]
  const entries = names.map((name) => {
    const ceiling = limitCeilings[name] ?? Number.MAX_SAFE_INTEGER
    return [name, integer(env, limitSetting(name), limitDefaults[name], 1, ceiling)] as const
  })
  return Object.fromEntries(entries) as Limits
}

function integer(env: Settings, name: SettingName, fallback: number, min: number, max: number): number {
  const text = env[name]
  if (text === undefined || text === '') return fallback
  const value = /^\d{1,16}$/u.test(text) ? Number(text) : Number.NaN
  if (!(value >= min && value <= max)) {
    throw new StartError('usage', `${name} is "${text}"; it must be a whole number from ${min} to ${max}.`)
  }
  return value
}
