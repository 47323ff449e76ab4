import { hash } from 'node:crypto'
import type { Digest } from '../domain/content.ts'

const saltBytes = 16

/** The digest of a content: SHA-256 over the salt's 16 bytes followed by the body's bytes, text as UTF-8. */
export function digestContent(salt: string, body: string | Uint8Array): Digest {
  const size = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
  const all = Buffer.allocUnsafe(saltBytes + size)
  all.write(salt, 'hex')
  if (typeof body === 'string') all.write(body, saltBytes)
  else all.set(body, saltBytes)
  return `sha256:${hash('sha256', all, 'hex')}`
}
