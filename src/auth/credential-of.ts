import type { IncomingHttpHeaders } from 'node:http'

const bearer = /^bearer +(\S+) *$/iu

/** The key that a request's headers carry: `Authorization: Bearer`, `X-API-Key`, or Shinzo's own header; undefined for none. */
export function credentialOf(headers: IncomingHttpHeaders): string | undefined {
  const { authorization } = headers
  if (authorization !== undefined) return bearer.exec(authorization)?.[1] ?? ''
  const key = headers['x-api-key'] ?? headers['x-shinzo-api-key']
  return Array.isArray(key) ? key[0] : key
}
