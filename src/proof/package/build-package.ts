import type { Content, Digest } from '../../domain/content.ts'
import type { JournalEvent } from '../../domain/event.ts'
import type { PolicyVersion } from '../../domain/policy.ts'
import type { Signer } from '../../domain/signer.ts'
import type { SignedHead, SignedStatement } from '../../domain/statement.ts'
import { attest } from './attest.ts'
import {
  type AbsentContent,
  type AuditPackage,
  type PackagedEnvelope,
  type PackagedKey,
  packageFormat,
} from './audit-package.ts'
import { digestsReferredTo } from './check-contents.ts'
import { packContent, textsOf } from './packaged-content.ts'
import { type PreparedPackage, prepareSeal, sealPrepared, textOfSealed, type UnsignedPackage } from './seal.ts'
import { readTaskRecord } from './task-record.ts'

/** A statement with its place in the log, and the audit path to the head in the package. */
export interface ProvenStatement extends Pick<SignedStatement, 'kind' | 'run' | 'envelope'> {
  readonly logId: string
  readonly leafIndex: number
  readonly inclusion: readonly string[]
}

/**
 * The parts of a package as the store has them, read at one instant, or at least events before statements before heads.
 */
export interface PackageParts {
  readonly task: string
  readonly exportedAt: number
  /** The whole journal in its order. */
  readonly events: readonly JournalEvent[]
  /** The contents that still exist. Others may be among them. */
  readonly contents: ReadonlyMap<Digest, Content>
  /** Whether contents are left out. The package then lists them as private. */
  readonly isPrivate: boolean
  /** The policies, at least those of the runs. */
  readonly policies: readonly PolicyVersion[]
  /** All statements of the task and all rotations of the installation, in any order. */
  readonly statements: readonly ProvenStatement[]
  /** For each log the head that the audit paths lead to, oldest log first. */
  readonly heads: readonly SignedHead[]
  /** Every key of the installation. */
  readonly keys: readonly PackagedKey[]
}

/**
 * Builds the audit package of a task as its text, up to the end of the last closed run. Runs are closed in their order;
 * a run that has ended but is not closed yet is left out with everything after it. Throws where no run is closed, and
 * where the parts do not match.
 */
export function buildPackage(parts: PackageParts, signer: Signer): string {
  return textOfSealed(sealPrepared(preparePackage(parts, signer.keyId), signer))
}

/** The same but for the signature of the key `keyId`, so that it can be done where no private key is. */
export function preparePackage(parts: PackageParts, keyId: string): PreparedPackage {
  return prepareSeal(gather(parts, keyId), keyId)
}

function gather(parts: PackageParts, keyId: string): UnsignedPackage {
  const events = closedEvents(parts)
  const record = readTaskRecord(parts.task, events)
  const runs = new Set(record.runs.map(({ run }) => run))
  const used = new Set(record.runs.map(({ config }) => config.policy.digest))
  const policies = sortedBy(
    parts.policies.filter(({ digest }) => used.has(digest)),
    ({ digest }) => digest,
  )
  const logs = parts.heads.map(({ logId }) => logId)
  const statements = parts.statements
    .filter(({ kind, run }) => kind === 'rotation' || (run !== null && runs.has(run)))
    .sort((a, b) => logs.indexOf(a.logId) - logs.indexOf(b.logId) || a.leafIndex - b.leafIndex)
  const heads = parts.heads.filter(({ logId }) => statements.some((statement) => statement.logId === logId))
  const signers = signersOf(statements, heads, keyId)
  const kept = packContents(parts, events)
  return {
    format: packageFormat,
    exported_at: parts.exportedAt,
    task: parts.task,
    keys: sortedBy(
      parts.keys.filter(({ key_id }) => signers.has(key_id)),
      ({ key_id }) => key_id,
    ).map(onlyKey),
    events,
    ...kept,
    policies,
    statements: statements.map(({ logId, leafIndex, envelope, inclusion }) => ({
      log_id: logId,
      leaf_index: leafIndex,
      envelope: envelopeOf(envelope),
      inclusion,
    })),
    heads: heads.map(({ envelope }) => envelopeOf(envelope)),
    attestation: attest(record, policies, textsOf(kept)),
  }
}

/** The events up to the end of the last run that is closed, as are all runs before it. */
function closedEvents({ task, events, statements }: PackageParts): readonly JournalEvent[] {
  const closed = new Set(statements.flatMap(({ kind, run }) => (kind === 'closing' ? [run] : [])))
  let last = 0
  for (const { run, end } of readTaskRecord(task, events).runs) {
    if (end === undefined || !closed.has(run)) break
    last = end.seq
  }
  if (last === 0) throw new Error(`No run of the task ${task} is closed.`)
  return events.slice(0, last)
}

function packContents(
  { contents, isPrivate }: PackageParts,
  events: readonly JournalEvent[],
): Pick<AuditPackage, 'contents' | 'absent'> {
  const digests = sortedBy([...digestsReferredTo(events)], (digest) => digest)
  return {
    contents: digests.flatMap((digest) => {
      const content = isPrivate ? undefined : contents.get(digest)
      return content === undefined ? [] : [packContent(content)]
    }),
    absent: digests.flatMap((digest): AbsentContent[] => {
      if (!contents.has(digest)) return [{ digest, reason: 'purged' }]
      return isPrivate ? [{ digest, reason: 'private' }] : []
    }),
  }
}

/** The ids of the keys that have signed a part of the package. */
function signersOf(
  statements: readonly ProvenStatement[],
  heads: readonly SignedHead[],
  keyId: string,
): ReadonlySet<string> {
  const envelopes = [...statements, ...heads].map(({ envelope }) => envelopeOf(envelope))
  return new Set([keyId, ...envelopes.flatMap(({ signatures }) => signatures.map(({ keyid }) => keyid))])
}

function envelopeOf(text: string): PackagedEnvelope {
  return JSON.parse(text) as PackagedEnvelope // We have signed it.
}

function onlyKey({ key_id, public_key }: PackagedKey): PackagedKey {
  return { key_id, public_key }
}

function sortedBy<T>(list: readonly T[], keyOf: (one: T) => string): readonly T[] {
  return [...list].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}
