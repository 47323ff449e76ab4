import { type LimitName, limitDefaults } from '../domain/limits.ts'
import { nearestWord } from '../domain/nearest-word.ts'
import { StartError } from './start-error.ts'

/** Every variable of our own that this version reads, the limits apart. Whoever reads a new one adds it here. */
const settingNames = [
  'MANDATE_HOST',
  'MANDATE_PORT',
  'MANDATE_DATA',
  'MANDATE_ADMIN_KEY',
  'MANDATE_PUBLIC_URL',
  'MANDATE_CORS_ORIGINS',
  'MANDATE_TRUSTED_PROXIES',
  'MANDATE_ALLOW_PRIVATE_NETWORK',
  'MANDATE_SIGNING_KEY_SECRET',
  'MANDATE_MODELS',
  'MANDATE_PROVIDER',
  'MANDATE_MODEL',
  'MANDATE_LOG_LEVEL',
  'MANDATE_JWT_SECRET',
  'MANDATE_JWT_JWKS_URL',
  'MANDATE_JWT_ISSUER',
  'MANDATE_JWT_AUDIENCE',
  'MANDATE_JWT_CREATE_USERS',
  'MANDATE_URL',
  'MANDATE_KEY',
  'MANDATE_BENCH_SYNC_DELAY_MS',
] as const

/** The name of an environment variable of ours. */
export type SettingName = (typeof settingNames)[number] | LimitSettingName
type LimitSettingName = `MANDATE_${Uppercase<LimitName>}`

/** The settings as they are read: an unknown name does not compile, so that none is read that `refuseMistypedSettings` refuses. */
export type Settings = Readonly<Partial<Record<SettingName | 'DATABASE_URL', string | undefined>>>

/** The environment variable that sets a limit. */
export function limitSetting(name: LimitName): LimitSettingName {
  return `MANDATE_${name.toUpperCase()}` as LimitSettingName
}

const knownNames: ReadonlySet<string> = new Set([
  ...settingNames,
  ...Object.keys(limitDefaults).map((name) => limitSetting(name as LimitName)),
])

/**
 * The variables that Kubernetes adds for a service named `mandate`. Nobody typed them, so that they are not refused.
 */
const serviceLink = /^MANDATE_(?:SERVICE_(?:HOST|PORT(?:_\w+)?)|PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?)$/u

/**
 * Throws StartError for a variable that begins like one of ours and is none: taken silently, a mistyped limit or address
 * would simply not hold. `named` are further names that the operator has chosen (keys of providers in the models file).
 */
export function refuseMistypedSettings(env: NodeJS.ProcessEnv, named: readonly string[] = []): Settings {
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('MANDATE_') || !value) continue
    if (knownNames.has(name) || named.includes(name) || serviceLink.test(name)) continue
    const meant = nearestWord(name, knownNames)
    const advice = meant === undefined ? 'docs/operating.md lists the settings.' : `Did you mean ${meant}?`
    throw new StartError('usage', `${name} is set, but there is no such setting. ${advice}`)
  }
  return env
}
