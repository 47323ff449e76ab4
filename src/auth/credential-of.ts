import type { IncomingHttpHeaders } from 'node:http'

const bearer = /^bearer +(\S+) *$/iu

/**
 * The key in a request's headers: `Authorization: Bearer`, `X-API-Key` or Shinzo's own header. Undefined where there is
 * none.
 */
export function credentialOf(headers: IncomingHttpHeaders): string | undefined {
  const { authorization } = headers
  if (authorization !== undefined) return bearer.exec(authorization)?.[1] ?? ''
  const key = headers['x-api-key'] ?? headers['x-shinzo-api-key']
  return Array.isArray(key) ? key[0] : key
}
