import type { Commit, CommitOutcome, Write } from '../../commit.ts'
import type { EncodedCommit } from '../writer/encoded-commit.ts'
import { type CommitParts, createCommitParts, type WriteEncoders } from './commit-parts.ts'
import { encodeRequirement } from './encode-requirement.ts'
import { identityEncoders } from './identity-writes.ts'
import { logEncoders } from './log-writes.ts'
import { encodeTask, taskEncoders } from './task-writes.ts'
import { encodeDeliveries, webhookEncoders } from './webhook-writes.ts'

const encoders: WriteEncoders = { ...taskEncoders, ...identityEncoders, ...webhookEncoders, ...logEncoders }

/** Encodes a commit for the writer thread. This is done on the main thread, so that the writer only binds and steps. */
export function encodeCommit(commit: Commit): EncodedCommit {
  const parts = createCommitParts()
  for (const write of commit.write) encodeWrite(write, parts)
  const encoded = Array.from(parts.tasks.values(), (task) => encodeTask(task, parts))
  const written = encoded.filter(({ runs, eventCount, contents }) => runs.length + eventCount + contents.length > 0)
  return {
    checks: commit.require?.map(encodeRequirement) ?? [],
    tasks: written,
    calls: parts.calls,
    deliveries: encodeDeliveries(commit, written),
    hasBytes: commit.write.some(holdsBytes),
    purges: commit.write.some(({ kind }) => kind === 'purge_contents'),
  }
}

function encodeWrite<Kind extends Write['kind']>(write: Extract<Write, { kind: Kind }>, parts: CommitParts): void {
  const encode: WriteEncoders[Kind] = encoders[write.kind as Kind]
  encode(write, parts)
}

function holdsBytes(write: Write): boolean {
  if (write.kind === 'put_contents') return write.contents.some(({ body }) => typeof body !== 'string')
  return write.kind === 'add_webhook_secret' || write.kind === 'save_webhook_secret'
}

/** The outcome of a commit from the numbers that the writer assigned, by the ids that the commit knows. */
export function decodeAssigned(commit: Commit, encoded: EncodedCommit, assigned: readonly number[]): CommitOutcome {
  const lastSeq: Record<string, number> = {}
  const numbers: Record<string, number> = {}
  let next = 0
  for (const { id, insert, eventCount } of encoded.tasks) {
    const [number = 0, seq = 0] = assigned.slice(next, next + 2)
    next += 2
    if (insert !== null) numbers[id] = number
    if (eventCount > 0) lastSeq[id] = seq
  }
  for (const write of commit.write) {
    if (write.kind !== 'insert_agent') continue
    numbers[write.agent.id] = assigned[next] ?? 0
    next += 1
  }
  return { committed: true, lastSeq, numbers }
}
