import type { Content, Digest } from '../../domain/content.ts'
import { base64Of, bytesOfBase64 } from '../base64.ts'
import type { Absence, AuditPackage, PackagedContent } from './audit-package.ts'
import { present } from './broken-link.ts'

/** A content in the form of a package. */
export function packContent({ digest, salt, mediaType, sealed, body }: Content): PackagedContent {
  const about = { digest, salt, media_type: mediaType, sealed }
  if (typeof body === 'string') return { ...about, encoding: 'text', body }
  return { ...about, encoding: 'base64', body: base64Of(body) }
}

/** The body of a packaged content. Throws BrokenLink where it is not canonical base64. */
export function bodyOf(where: string, { encoding, body }: PackagedContent): string | Uint8Array {
  return encoding === 'text' ? body : present(bytesOfBase64(body), where, 'its body is not canonical base64')
}

/** Reads the text of a content, or the reason for which there is none. */
export type TextOf = (digest: Digest | undefined) => { readonly text: string } | { readonly gone: Absence | 'sealed' }

/** A reader of the texts of a package's contents. */
export function textsOf({ contents, absent }: Pick<AuditPackage, 'contents' | 'absent'>): TextOf {
  const held = new Map(contents.map((content) => [content.digest, content]))
  const reasons = new Map(absent.map(({ digest, reason }) => [digest, reason]))
  return (digest) => {
    const content = held.get(digest ?? '')
    if (content === undefined) return { gone: reasons.get(digest ?? '') ?? 'purged' }
    if (content.sealed || content.encoding !== 'text') return { gone: 'sealed' }
    return { text: content.body }
  }
}
