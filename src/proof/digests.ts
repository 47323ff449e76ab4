import { hash } from 'node:crypto'
import type { Content, Digest } from '../domain/content.ts'
import type { JournalEvent } from '../domain/event.ts'
import type { PolicyVersion } from '../domain/policy.ts'
import { canonicalText } from './canonical-json.ts'
import { leafHash, treeHash } from './merkle.ts'

/** The SHA-256 over the bytes, text as UTF-8: `sha256:` and hexadecimal digits. */
export function digestOf(data: string | Uint8Array): Digest {
  return `sha256:${hash('sha256', data, 'hex')}`
}

/** The 64 hexadecimal digits of a digest, without the name of the algorithm. */
export function hexOfDigest(digest: Digest): string {
  return digest.slice('sha256:'.length)
}

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

/**
 * Makes a content with its digest. `salt` is 32 random hexadecimal digits that are never used twice. Invariant: the
 * body equals what its bytes decode to, so that it is the same before and after a restart: a lone surrogate, which
 * UTF-8 cannot carry, becomes U+FFFD (digests.test.ts).
 */
export function contentOf(salt: string, given: string | Uint8Array, mediaType: string, sealed = false): Content {
  const body = typeof given === 'string' ? given.toWellFormed() : given
  return { digest: digestContent(salt, body), salt, mediaType, sealed, body }
}

/** The digest of an event in its journal: SHA-256 over the RFC 8785 bytes of its envelope with the task's id. */
export function digestEvent(taskId: string, event: JournalEvent): Digest {
  const { at, attempt, contents, facts, kind, run, seq } = event
  return digestOf(canonicalText({ at, attempt, contents, facts, kind, run, seq, task: taskId }))
}

/** The RFC 6962 tree hash over the digests of these events, in this order. The 32 bytes of each are a leaf's data. */
export function eventsRoot(taskId: string, events: readonly JournalEvent[]): Digest {
  return rootOfDigests(events.map((event) => digestEvent(taskId, event)))
}

/** The same tree hash, of known digests. */
export function rootOfDigests(digests: readonly Digest[]): Digest {
  const leaves = digests.map((digest) => leafHash(Buffer.from(hexOfDigest(digest), 'hex')))
  return `sha256:${treeHash(leaves)}`
}

/** The digest of a version of a policy: SHA-256 over the RFC 8785 bytes of `{"cedar": …, "document": …}`. */
export function digestPolicy({ document, cedar }: Omit<PolicyVersion, 'digest'>): Digest {
  return digestOf(canonicalText({ cedar, document }))
}
