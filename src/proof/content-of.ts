import type { Content } from '../domain/content.ts'
import { digestContent } from './content-digest.ts'

/**
 * A content under its digest; `salt` is 32 random hex digits, never used twice. Invariant: the body is what its bytes say, so
 * that it is the same before and after a restart: a lone surrogate, which UTF-8 cannot carry, is U+FFFD (content-of.test.ts).
 */
export function contentOf(salt: string, given: string | Uint8Array, mediaType: string, sealed = false): Content {
  const body = typeof given === 'string' ? given.toWellFormed() : given
  return { digest: digestContent(salt, body), salt, mediaType, sealed, body }
}
