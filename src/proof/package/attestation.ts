import type { Digest } from '../../domain/content.ts'
import type { ProofName } from '../../domain/policy.ts'
import type { TerminalState } from '../../domain/run-state.ts'

/**
 * The properties that the record of a task shows, by the policy of its last run. Anyone with the record can compute
 * them.
 */
export interface Attestation {
  /** The name of the policy of the last run, whose digest is `policy`. */
  readonly regime: string
  readonly policy: Digest
  readonly runs: readonly AttestedRun[]
  readonly proofs_required: readonly ProofName[]
  readonly proofs_satisfied: readonly ProofName[]
  readonly proofs_missing: readonly { readonly name: ProofName; readonly because: string }[]
  /** The categories that need a person's approval. */
  readonly human_approvals_required: readonly string[]
  /** Who approved which action, by the signed answers. */
  readonly approvals: readonly AttestedApproval[]
  /** The actions that were denied because they needed an approval. */
  readonly denied_for_approval: readonly string[]
  readonly retention_days: number
  readonly certificate_count: number
  /** The properties that were verified of actions before they were certified. */
  readonly verified_properties: readonly string[]
  /** Whether no proof is missing and every run is closed. */
  readonly compliant: boolean
}

/** A person's approval of an action. */
export interface AttestedApproval {
  readonly action: string
  readonly by: string
  readonly prompt: string
}

/** The properties of one run. */
export interface AttestedRun {
  readonly run: string
  /** The outcome, or null where the run has not ended. */
  readonly outcome: TerminalState | null
  readonly policy: Digest
  readonly allowed: number
  readonly denied: number
  readonly revoked: number
  readonly certificates: number
}
