import type { Digest } from '../../domain/content.ts'
import type { ProofName } from '../../domain/policy.ts'
import type { TerminalState } from '../../domain/run-state.ts'

/** What the record of a task shows, by the policy of its last run. Computed from the record, by whoever has it. */
export interface Attestation {
  /** The name of the policy of the last run; its digest is `policy`. */
  readonly regime: string
  readonly policy: Digest
  readonly runs: readonly AttestedRun[]
  readonly proofs_required: readonly ProofName[]
  readonly proofs_satisfied: readonly ProofName[]
  readonly proofs_missing: readonly { readonly name: ProofName; readonly because: string }[]
  /** The categories that need a person's approval. */
  readonly human_approvals_required: readonly string[]
  /** None, until people can be asked. */
  readonly approvals: readonly never[]
  /** Actions that were denied because they needed one. */
  readonly denied_for_approval: readonly string[]
  readonly retention_days: number
  readonly certificate_count: number
  /** What was verified of actions before they were certified. */
  readonly verified_properties: readonly string[]
  /** No proof is missing, and every run is closed. */
  readonly compliant: boolean
}

export interface AttestedRun {
  readonly run: string
  /** Null where it has not ended. */
  readonly outcome: TerminalState | null
  readonly policy: Digest
  readonly allowed: number
  readonly denied: number
  readonly revoked: number
  readonly certificates: number
}
