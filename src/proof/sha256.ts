import { hash } from 'node:crypto'
import type { Digest } from '../domain/content.ts'

/** `sha256:` and the hex digits of SHA-256 over the bytes, text as UTF-8. */
export function digestOf(data: string | Uint8Array): Digest {
  return `sha256:${hash('sha256', data, 'hex')}`
}

/** The 64 hex digits of a digest, without what names the algorithm. */
export function hexOfDigest(digest: Digest): string {
  return digest.slice('sha256:'.length)
}
