import { hash } from 'node:crypto'
import type { Digest } from '../domain/content.ts'

/** The SHA-256 over the bytes, text as UTF-8: `sha256:` and hexadecimal digits. */
export function digestOf(data: string | Uint8Array): Digest {
  return `sha256:${hash('sha256', data, 'hex')}`
}

/** The 64 hexadecimal digits of a digest, without the name of the algorithm. */
export function hexOfDigest(digest: Digest): string {
  return digest.slice('sha256:'.length)
}
