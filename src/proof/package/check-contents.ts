import type { Digest } from '../../domain/content.ts'
import type { JournalEvent } from '../../domain/event.ts'
import { digestContent } from '../digests.ts'
import type { AuditPackage } from './audit-package.ts'
import { BrokenLink, demand, demandEqual } from './broken-link.ts'
import { bodyOf } from './packaged-content.ts'

/** Every content that these events refer to, and the configurations of the runs that they queue. */
export function digestsReferredTo(events: readonly JournalEvent[]): ReadonlySet<Digest> {
  const digests = new Set(events.flatMap(({ contents }) => Object.values(contents)))
  for (const event of events) {
    if (event.kind !== 'run.queued') continue
    const { instructions } = event.facts.config
    if (instructions !== null) digests.add(instructions)
  }
  return digests
}

/**
 * Checks that every content has the digest by which the journal refers to it, that each digest in the journal is
 * present or listed as absent and never both, and that there is nothing else.
 */
export function checkContents({ contents, absent, events }: AuditPackage): void {
  checkOrder('contents', contents)
  checkOrder('absent', absent)
  for (const [i, content] of contents.entries()) {
    const where = `contents[${i}]`
    demand(!content.sealed || content.encoding === 'base64', where, 'it is sealed, and yet a text')
    const digest = digestContent(content.salt, bodyOf(where, content))
    demandEqual(where, 'its digest', content.digest, digest, 'its salt and body')
  }
  const left = new Set(digestsReferredTo(events))
  for (const [name, listed] of Object.entries({ contents, absent })) {
    for (const [i, { digest }] of listed.entries()) {
      const known = left.delete(digest)
      demand(known, `${name}[${i}]`, `no event refers to ${digest}, or it stands among contents and absent ones`)
    }
  }
  const [missing] = left
  if (missing !== undefined) throw new BrokenLink('contents', `${missing}, to which an event refers, is not there`)
}

function checkOrder(name: string, listed: readonly { readonly digest: Digest }[]): void {
  for (const [i, { digest }] of listed.entries()) {
    const before = listed[i - 1]?.digest ?? ''
    demand(before < digest, `${name}[${i}]`, 'it is not in the order of the digests, or stands twice')
  }
}
