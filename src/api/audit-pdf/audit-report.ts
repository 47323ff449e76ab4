import type { Amounts, Ledger } from '../../domain/budget.ts'
import type { PackagedKey } from '../../proof/package/audit-package.ts'

/** The content of an audit report, in words, before it is laid out. */
export interface AuditReport {
  readonly title: string
  readonly task: string
  readonly exportedAt: number
  readonly compliance: ComplianceSummary
  /** Pairs of a name and a value. */
  readonly facts: readonly (readonly [string, string])[]
  readonly timeline: readonly Moment[]
  readonly decisions: readonly DecisionEntry[]
  readonly budget: BudgetEntry
  readonly proofs: readonly ProofEntry[]
  readonly journal: readonly JournalEntry[]
  readonly seals: SealEntry
}

/** The attestation's answer, as a person reads it. It says no more than the package. */
export interface ComplianceSummary {
  readonly compliant: boolean
  readonly label: string
  readonly sentence: string
  /** The proofs that are missing and the runs that have not ended, one line each. */
  readonly missing: readonly string[]
}

/** The colour of a line: good, bad, or neither. */
export type Tone = 'good' | 'bad' | 'plain'

/** A moment of the run that a person wants to know of. */
export interface Moment {
  readonly at: number
  readonly tone: Tone
  readonly label: string
  readonly detail: string
}

/** One decision about a tool call, with its outcome. */
export interface DecisionEntry {
  readonly seq: number
  readonly at: number
  readonly tool: string
  readonly tone: Tone
  readonly label: string
  readonly reason: string
  readonly rules: readonly string[]
  readonly outcome: string
  /** The digest of the certificate or the refusal record. */
  readonly statement: string
}

/** The budget of the task at its end. */
export interface BudgetEntry {
  readonly ledger: Ledger
  readonly available: Amounts
  readonly overdrawn: readonly string[]
}

/** One proof that the policy requires. */
export interface ProofEntry {
  readonly name: string
  readonly means: string
  /** The reason why the record does not show it; undefined where it does. */
  readonly because: string | undefined
}

/** One event of the journal, in one line. */
export interface JournalEntry {
  readonly seq: number
  readonly at: number
  readonly kind: string
  readonly label: string
}

/** The signatures of the package, and how much each covers. */
export interface SealEntry {
  readonly packageDigest: string
  readonly sealedBy: string
  readonly keys: readonly PackagedKey[]
  readonly heads: readonly { readonly log: string; readonly size: number; readonly root: string; readonly at: number }[]
  /** The number of statements of each kind. */
  readonly statements: readonly (readonly [string, number])[]
  readonly closings: readonly { readonly run: string; readonly seqs: string; readonly root: string }[]
  readonly contents: { readonly held: number; readonly purged: number; readonly private: number }
}
