import type { Content, Digest } from '../../domain/content.ts'
import { base64Of, bytesOfBase64 } from '../base64.ts'
import type { Absence, AuditPackage, PackagedContent } from './audit-package.ts'
import { present } from './broken-link.ts'

export function packContent({ digest, salt, mediaType, sealed, body }: Content): PackagedContent {
  const about = { digest, salt, media_type: mediaType, sealed }
  if (typeof body === 'string') return { ...about, encoding: 'text', body }
  return { ...about, encoding: 'base64', body: base64Of(body) }
}

/** Throws BrokenLink where the body is not base64 to the letter. */
export function bodyOf(where: string, { encoding, body }: PackagedContent): string | Uint8Array {
  return encoding === 'text' ? body : present(bytesOfBase64(body), where, 'its body is not canonical base64')
}

/** Looks contents up: their text, or why there is none. */
export type TextOf = (digest: Digest | undefined) => { readonly text: string } | { readonly gone: Absence | 'sealed' }

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
