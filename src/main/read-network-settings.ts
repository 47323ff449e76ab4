import { parseAddressRange } from '../api/connection/client-address.ts'
import type { SettingName, Settings } from './settings.ts'
import { StartError } from './start-error.ts'

/** `MANDATE_CORS_ORIGINS`: exact origins as browsers write them, separated by commas. Throws StartError for anything else. */
export function readCorsOrigins(env: Settings): readonly string[] {
  return listIn(env, 'MANDATE_CORS_ORIGINS').map((text) => {
    const origin = URL.parse(text)?.origin
    // `*` and `null` are no origins: the one is everybody, the other any page that hides where it comes from.
    if (origin !== text || !/^https?:[^*]*$/u.test(origin)) {
      const hint = origin === undefined || /^null$|[*]/u.test(origin) ? 'https://app.example.com' : origin
      const rule = 'it takes exact origins of http or https, without a path or a slash at the end'
      throw new StartError('usage', `MANDATE_CORS_ORIGINS has "${text}"; ${rule}, such as ${hint}.`)
    }
    return origin
  })
}

/** `MANDATE_TRUSTED_PROXIES`: addresses and ranges, separated by commas. Throws StartError for what is neither. */
export function readTrustedProxies(env: Settings): readonly string[] {
  const ranges = listIn(env, 'MANDATE_TRUSTED_PROXIES')
  for (const range of ranges) {
    try {
      parseAddressRange(range)
    } catch (error) {
      const rule = 'it takes addresses and ranges, such as 10.0.0.0/8 or ::1'
      throw new StartError('usage', `MANDATE_TRUSTED_PROXIES has "${range}"; ${rule}.`, error)
    }
  }
  return ranges
}

function listIn(env: Settings, name: SettingName): readonly string[] {
  const parts = (env[name] ?? '').split(',').map((part) => part.trim())
  return parts.filter((part) => part !== '')
}
