import { hash } from 'node:crypto'
import type { Digest } from '../domain/content.ts'

/** The address of a content: SHA-256 over the salt's 16 bytes followed by the body's bytes, text as UTF-8. */
export function digestContent(salt: string, body: string | Uint8Array): Digest {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body
  return `sha256:${hash('sha256', Buffer.concat([Buffer.from(salt, 'hex'), bytes]), 'hex')}`
}
