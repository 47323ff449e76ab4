import type { Digest } from '../../../src/domain/content.ts'
import type { JournalEvent } from '../../../src/domain/event.ts'
import { foldJournal } from '../../../src/domain/evolve.ts'
import type { Statement } from '../../../src/domain/statement.ts'
import { purgedDetails } from '../../../src/domain/task-details.ts'
import { canonicalText } from '../../../src/proof/canonical-json.ts'
import { digestContent, eventsRoot } from '../../../src/proof/digests.ts'
import { attest } from '../../../src/proof/package/attest.ts'
import type { AuditPackage, PackagedContent, PackagedEnvelope } from '../../../src/proof/package/audit-package.ts'
import { textsOf } from '../../../src/proof/package/packaged-content.ts'
import { signPackage } from '../../../src/proof/package/seal.ts'
import { readTaskRecord } from '../../../src/proof/package/task-record.ts'
import { openStatement, signRotation, signStatement } from '../../../src/proof/signed-statement.ts'
import { encodeStatement } from '../../../src/proof/statement.ts'
import { addStatement, headOf, openSampleLog, proveAll } from './sample-log.ts'
import type { SamplePackage } from './sample-package.ts'

type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T

/** The record of a task, to be changed at will. */
export interface Record {
  events: Mutable<JournalEvent>[]
  statements: Mutable<Statement>[]
  contents: Mutable<PackagedContent>[]
  policies: Mutable<AuditPackage['policies'][number]>[]
}

/**
 * The package that the installation itself would make of a record it has changed: every digest, link, root, signature and
 * audit path is made again, so that only what the record says can show the change. What the change itself says otherwise of
 * those (a previous statement, a root) stays as it says.
 */
export async function lieAbout(sample: SamplePackage, change: (record: Record) => void): Promise<Uint8Array> {
  const honest = JSON.parse(sample.text) as AuditPackage
  const before = honest.statements.map(({ envelope }) => statementOf(envelope))
  const { events, contents, policies } = honest
  const record: Record = structuredClone({ events, contents, policies, statements: before }) as Record
  change(record)
  const renamed = new Map<Digest, Digest>()
  const kept = record.contents.map((content) => {
    const digest = digestContent(content.salt, bytesOf(content))
    renamed.set(content.digest, digest)
    return { ...content, digest }
  })
  kept.sort((a, b) => (a.digest < b.digest ? -1 : 1))
  const { statements, heads } = await signAgain(sample, before, record, renamed)
  const { seal: _seal, ...rest } = honest
  const told = renameAll({ events: record.events, policies: record.policies, attestation: rest.attestation }, renamed)
  const unsealed = { ...rest, ...told, contents: kept, statements, heads } as unknown as Omit<AuditPackage, 'seal'>
  const attested = { ...unsealed, attestation: attestAgain(unsealed) }
  return Buffer.from(canonicalText(signPackage(attested, sample.recorder.signer)))
}

function statementOf(envelope: PackagedEnvelope): Statement {
  const opened = openStatement(canonicalText(envelope))
  if ('problem' in opened) throw new Error(opened.problem)
  return opened.statement
}

function bytesOf({ encoding, body }: PackagedContent): string | Uint8Array {
  return encoding === 'text' ? body : Buffer.from(body, 'base64')
}

async function signAgain(
  { recorder }: SamplePackage,
  before: readonly Statement[],
  record: Record,
  renamed: Map<Digest, Digest>,
): Promise<Pick<AuditPackage, 'statements' | 'heads'>> {
  const left = [...before]
  const logs = [...new Set(record.statements.map(({ log_id }) => log_id))].map((logId) => openSampleLog(logId, 2))
  for (const changed of record.statements) {
    const statement = renameAll(changed, renamed) as Statement
    const at = left.findIndex((one) => nameOf(one) === nameOf(changed as Statement))
    const [old] = at === -1 ? [] : left.splice(at, 1)
    const isClosing = statement.kind === 'closing' && old?.kind === 'closing'
    const sealed = isClosing ? closeAgain(recorder.task, statement, old, record, renamed) : statement
    const log = logs.find(({ logId }) => logId === statement.log_id)
    const signerOf = (keyId: string) => recorder.signers.find((one) => one.keyId === keyId) ?? recorder.signer
    const signed =
      sealed.kind === 'rotation'
        ? signRotation(signerOf(sealed.from.key_id), signerOf(sealed.to.key_id), sealed)
        : signStatement(signerOf(sealed.key_id), sealed)
    if (old !== undefined) renamed.set(encodeStatement(old).digest, signed.digest)
    if (log !== undefined) addStatement(log, signed)
  }
  const proven = (await Promise.all(logs.map(proveAll))).flat()
  const heads = logs.map((log) => JSON.parse(headOf(log, recorder.signer, recorder.at).envelope) as PackagedEnvelope)
  const statements = proven.map(({ logId, leafIndex, envelope, inclusion }) => ({
    log_id: logId,
    leaf_index: leafIndex,
    envelope: JSON.parse(envelope) as PackagedEnvelope,
    inclusion,
  }))
  return { statements, heads }
}

/** What a change leaves as it is, so that the statement is found again. */
function nameOf(statement: Statement): string {
  return [statement.kind, 'action' in statement ? statement.action : ''].join(' ')
}

/** With the root and the ledger that the changed events have, unless the change says what they are. */
function closeAgain(
  task: string,
  closing: Extract<Statement, { kind: 'closing' }>,
  old: Extract<Statement, { kind: 'closing' }>,
  record: Record,
  renamed: ReadonlyMap<Digest, Digest>,
): Statement {
  const events = renameAll(record.events, renamed) as JournalEvent[]
  const root = eventsRoot(task, events.slice(closing.first_seq - 1, closing.last_seq))
  let { ledger } = closing
  try {
    if (canonicalText(ledger) === canonicalText(old.ledger)) {
      ledger = foldJournal(task, events.slice(0, closing.last_seq), purgedDetails).task.ledger
    }
  } catch {
    // A journal that cannot be folded has no ledger: the old one stands.
  }
  return { ...closing, ledger, events_root: closing.events_root === old.events_root ? root : closing.events_root }
}

function attestAgain(unsealed: Omit<AuditPackage, 'seal'>): AuditPackage['attestation'] {
  try {
    return attest(readTaskRecord(unsealed.task, unsealed.events), unsealed.policies, textsOf(unsealed))
  } catch {
    return unsealed.attestation // nothing can be attested of it
  }
}

function renameAll<T>(value: T, renamed: ReadonlyMap<string, string>): T {
  if (typeof value === 'string') return (renamed.get(value) ?? value) as T
  if (Array.isArray(value)) return value.map((one) => renameAll(one, renamed)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, renameAll(one, renamed)])) as T
}
