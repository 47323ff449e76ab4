import type { Content } from '../domain/content.ts'
import { digestContent } from './content-digest.ts'

/** A content under its digest; `salt` is 32 random hex digits, never used twice. */
export function contentOf(salt: string, body: string | Uint8Array, mediaType: string, sealed = false): Content {
  return { digest: digestContent(salt, body), salt, mediaType, sealed, body }
}
