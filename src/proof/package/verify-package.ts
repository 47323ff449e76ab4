import type { StatementKind } from '../../domain/statement.ts'
import { attest } from './attest.ts'
import type { Attestation } from './attestation.ts'
import type { AuditPackage } from './audit-package.ts'
import { BrokenLink, demandEqual } from './broken-link.ts'
import { checkActions } from './check-actions.ts'
import { checkBudget } from './check-budget.ts'
import { checkContents } from './check-contents.ts'
import { checkDecisions, type Redecide, type Rederived } from './check-decisions.ts'
import { checkInputs } from './check-inputs.ts'
import { checkKeysUsed, readKeys } from './check-keys.ts'
import { checkLog, openHeads } from './check-log.ts'
import { checkPolicies } from './check-policies.ts'
import { checkPrompts } from './check-prompts.ts'
import { checkBelonging, checkRuns } from './check-runs.ts'
import { checkTrust } from './check-trust.ts'
import { openStatements, type PlacedStatement, statementsOf } from './open-statements.ts'
import { textsOf } from './packaged-content.ts'
import { parsePackage } from './parse-package.ts'
import { checkSeal, openSeal } from './seal.ts'
import { readTaskRecord, type TaskRecord } from './task-record.ts'

/** The reader's knowledge that a package is verified with. */
export interface Verifying {
  /** The ids of keys, or public keys in base64, that the reader knows to be the installation's. */
  readonly pinned: readonly string[]
  /** Makes decisions again. Without it none is. */
  readonly redecide?: Redecide
}

/**
 * The result. `valid`: everything holds and pinned keys signed it. `consistent`: everything holds, but the signer is
 * not known. `invalid`: `problem` is the first link that does not hold: where, what, and what it should be.
 */
export type Verification =
  | { readonly verdict: 'valid' | 'consistent'; readonly summary: PackageSummary }
  | { readonly verdict: 'invalid'; readonly problem: string }

/** The contents of a package in which everything holds. */
export interface PackageSummary {
  readonly task: string
  readonly exported_at: number
  readonly runs: readonly {
    readonly run: string
    readonly turn: number
    readonly outcome: string
    readonly policy: string
  }[]
  readonly events: number
  readonly contents: { readonly present: number; readonly purged: number; readonly private: number }
  readonly statements: Readonly<Partial<Record<StatementKind, number>>>
  readonly decisions: Rederived
  /** The ids of the keys that signed a part of it. */
  readonly signers: readonly string[]
  readonly sealed_by: string
  /** The ids of the pinned keys that vouch for the signers. */
  readonly pinned: readonly string[]
  readonly logs: readonly { readonly log_id: string; readonly size: number; readonly root: string }[]
  readonly attestation: Attestation
}

/**
 * Verifies a package with nothing but itself and the pinned keys: its form, keys, signatures, log, journal, chains,
 * contents, policies, decisions, budget and attestation. It never throws because of the file.
 */
export async function verifyPackage(bytes: Uint8Array, verifying: Verifying): Promise<Verification> {
  const parsed = parsePackage(bytes)
  if ('problem' in parsed) return { verdict: 'invalid', problem: parsed.problem }
  try {
    const summary = await checkAll(parsed, verifying)
    return { verdict: verifying.pinned.length > 0 ? 'valid' : 'consistent', summary }
  } catch (error) {
    if (error instanceof BrokenLink) return { verdict: 'invalid', problem: error.message }
    throw error
  }
}

async function checkAll(parsed: AuditPackage, { pinned, redecide }: Verifying): Promise<PackageSummary> {
  const publicKeyOf = readKeys(parsed.keys)
  const placed = openStatements(parsed.statements, publicKeyOf)
  const heads = openHeads(parsed.heads, publicKeyOf)
  const sealedBy = openSeal(parsed.seal, publicKeyOf)
  const signers = new Set([sealedBy, ...heads.map(({ keyId }) => keyId), ...placed.flatMap(signersOf)])
  checkKeysUsed(parsed.keys, signers)
  const counting = checkTrust(pinned, signers, statementsOf(placed, 'rotation'))
  checkLog(parsed, placed, heads)
  const { record, decisions, attestation } = await checkRecord(parsed, placed, redecide)
  // The seal is checked last, although it covers everything: another broken link says more about what was changed.
  checkSeal(parsed, sealedBy)
  return {
    task: parsed.task,
    exported_at: parsed.exported_at,
    runs: record.runs.map(({ run, turn, config, end }) => ({
      run,
      turn,
      outcome: end?.outcome ?? '',
      policy: config.policy.name,
    })),
    events: parsed.events.length,
    contents: countContents(parsed),
    statements: countKinds(placed),
    decisions,
    signers: [...signers].sort(),
    sealed_by: sealedBy,
    pinned: counting,
    logs: heads.map(({ logId, size, root }) => ({ log_id: logId, size, root })),
    attestation,
  }
}

async function checkRecord(
  parsed: AuditPackage,
  placed: readonly PlacedStatement[],
  redecide: Redecide | undefined,
): Promise<{ record: TaskRecord; decisions: Rederived; attestation: Attestation }> {
  const { task, events, policies } = parsed
  const record = readTaskRecord(task, events)
  checkBelonging(placed, record)
  checkRuns(parsed, placed, record)
  checkActions(placed, record)
  checkContents(parsed)
  const textOf = textsOf(parsed)
  checkInputs(record, textOf)
  checkPrompts(placed, record, textOf)
  checkPolicies(policies, record)
  const decisions = await checkDecisions(record, policies, textOf, redecide)
  checkBudget(record)
  const attestation = attest(record, policies, textOf)
  checkAttestation(parsed.attestation, attestation)
  return { record, decisions, attestation }
}

/** Compares field by field, so that the first wrong claim is named. */
function checkAttestation(claimed: Attestation, computed: Attestation): void {
  const claims = new Map<string, unknown>(Object.entries(claimed))
  const facts = new Map<string, unknown>(Object.entries(computed))
  for (const name of new Set([...facts.keys(), ...claims.keys()])) {
    demandEqual('attestation', name, claims.get(name), facts.get(name), 'the record')
  }
}

function signersOf({ envelope }: PlacedStatement): readonly string[] {
  return envelope.signatures.map(({ keyId }) => keyId)
}

function countContents({ contents, absent }: AuditPackage): PackageSummary['contents'] {
  const gone = (reason: string) => absent.filter((one) => one.reason === reason).length
  return { present: contents.length, purged: gone('purged'), private: gone('private') }
}

function countKinds(placed: readonly PlacedStatement[]): Partial<Record<StatementKind, number>> {
  const counts: Partial<Record<StatementKind, number>> = {}
  for (const { statement } of placed) counts[statement.kind] = (counts[statement.kind] ?? 0) + 1
  return counts
}
