import type { Amounts, Ledger } from '../../domain/budget.ts'
import type { PackagedKey } from '../../proof/package/audit-package.ts'

/** What the report of an audit package says, in words, before it is laid out. */
export interface AuditReport {
  readonly title: string
  readonly task: string
  readonly exportedAt: number
  readonly verdict: Verdict
  /** Name and value. */
  readonly facts: readonly (readonly [string, string])[]
  readonly timeline: readonly Moment[]
  readonly decisions: readonly DecisionEntry[]
  readonly budget: BudgetEntry
  readonly proofs: readonly ProofEntry[]
  readonly journal: readonly JournalEntry[]
  readonly seals: SealEntry
}

export interface Verdict {
  readonly compliant: boolean
  readonly word: string
  readonly sentence: string
  /** What is missing, one line each. */
  readonly missing: readonly string[]
}

export type Tone = 'good' | 'bad' | 'plain'

/** A moment of the run that a person wants to know of. */
export interface Moment {
  readonly at: number
  readonly tone: Tone
  readonly words: string
  readonly detail: string
}

export interface DecisionEntry {
  readonly seq: number
  readonly at: number
  readonly tool: string
  readonly tone: Tone
  readonly verdict: string
  readonly reason: string
  readonly rules: readonly string[]
  readonly outcome: string
  /** The certificate or the refusal record, by its digest. */
  readonly statement: string
}

export interface BudgetEntry {
  readonly ledger: Ledger
  readonly available: Amounts
  readonly overdrawn: readonly string[]
}

export interface ProofEntry {
  readonly name: string
  readonly means: string
  /** Undefined where it is shown by the record. */
  readonly because: string | undefined
}

export interface JournalEntry {
  readonly seq: number
  readonly at: number
  readonly kind: string
  readonly words: string
}

export interface SealEntry {
  readonly packageDigest: string
  readonly sealedBy: string
  readonly keys: readonly PackagedKey[]
  readonly heads: readonly { readonly log: string; readonly size: number; readonly root: string; readonly at: number }[]
  /** How many statements there are of each kind. */
  readonly statements: readonly (readonly [string, number])[]
  readonly closings: readonly { readonly run: string; readonly seqs: string; readonly root: string }[]
  readonly contents: { readonly held: number; readonly purged: number; readonly private: number }
}
