import type { Content } from '../domain/content.ts'
import { digestContent } from './content-digest.ts'

/**
 * Makes a content with its digest. `salt` is 32 random hexadecimal digits that are never used twice. Invariant: the
 * body equals what its bytes decode to, so that it is the same before and after a restart: a lone surrogate, which
 * UTF-8 cannot carry, becomes U+FFFD (content-of.test.ts).
 */
export function contentOf(salt: string, given: string | Uint8Array, mediaType: string, sealed = false): Content {
  const body = typeof given === 'string' ? given.toWellFormed() : given
  return { digest: digestContent(salt, body), salt, mediaType, sealed, body }
}
