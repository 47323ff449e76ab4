import type { Digest } from '../domain/content.ts'
import type { JournalEvent } from '../domain/event.ts'
import { canonicalText } from './canonical-json.ts'
import { leafHash, treeHash } from './merkle.ts'
import { digestOf, hexOfDigest } from './sha256.ts'

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
