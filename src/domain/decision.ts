import type { Ledger } from './budget.ts'
import type { Capability } from './capability.ts'
import type { Digest } from './content.ts'
import type { PolicyRef } from './policy.ts'
import type { Role } from './principal.ts'

/**
 * The kinds of access of an action to the world outside the run. Each is the Cedar action by which policies name it.
 */
export const accesses = ['read', 'write', 'fetch', 'send', 'execute', 'other'] as const
/** The kind of access of an action. */
export type Access = (typeof accesses)[number]

/** A finding of a detector in a text. It holds nothing of the text itself. */
export interface Finding {
  /** The detector: `ssn`, `secret:aws`, `keyword`, … The word before the colon is its group. */
  readonly detector: string
  /** The version of the detector's rules. The same text and version give the same findings. */
  readonly version: number
  /** The start of the finding, in UTF-16 units of the scanned text. */
  readonly start: number
  readonly end: number
  /** The SHA-256 over the salt of the content that holds the text, followed by the decoded finding. */
  readonly digest: Digest
  /** The encodings that hid it, outermost first: `base64`, `hex`, `url`, `json_escape`, `zero_width`, `homoglyph`. */
  readonly encodings: readonly string[]
}

/** The user that a run acts for. */
export interface ActingPrincipal {
  readonly user: string
  readonly team: string | null
  readonly role: Role
}

/** The outcomes of a request for approval: a person's answer, or its expiry. */
export const approvalOutcomes = ['approved', 'denied', 'expired'] as const

/** The outcome of a request for approval. It holds for exactly what was asked about. */
export interface Approval {
  readonly prompt: string
  readonly outcome: (typeof approvalOutcomes)[number]
  /** The person who answered, or null where nobody did in time. */
  readonly by: string | null
  /** The digest of the signed answer, or null where nobody answered in time. */
  readonly statement: Digest | null
  /** The content with the exact arguments that were asked about, after redaction. */
  readonly arguments: Digest
  /** The labels of the run when it was asked, sorted. */
  readonly labels: readonly string[]
}

/**
 * Everything that a decision of the guard depends on. It is recorded as a content beside the decision, so that the
 * decision can be made again from the record. The arguments themselves are the content that `arguments` names.
 */
export interface DecisionInputs {
  readonly version: 1
  /** The instant of the decision, in epoch milliseconds. */
  readonly at: number
  readonly task: string
  readonly run: string
  readonly action: string
  readonly principal: ActingPrincipal
  readonly policy: PolicyRef
  readonly tool: string
  readonly access: Access
  /** The capabilities that this call needs. All of them must be granted. */
  readonly required: readonly Capability[]
  /** The effective capabilities of the run. */
  readonly granted: readonly Capability[]
  /** The sinks that the arguments of this call can reach. */
  readonly sinks: readonly string[]
  /** The categories by which a policy may require a person's approval. */
  readonly approval_categories: readonly string[]
  /** The host that the call addresses, or null. */
  readonly host: string | null
  readonly path: string | null
  readonly arguments: Digest
  /** The findings in the arguments. */
  readonly findings: readonly Finding[]
  /** The labels of the run before this call, sorted. */
  readonly labels: readonly string[]
  readonly cost_micros_usd: number
  readonly ledger: Ledger
  /** The outcome of the request for approval of this action, where there was one. */
  readonly approval?: Approval | undefined
}

/** The possible decisions. `ask` needs a person's approval. */
export const answers = ['allow', 'deny', 'ask'] as const
/** The decision about an action. */
export type Answer = (typeof answers)[number]

/** A decision of the guard. */
export interface Decision {
  readonly answer: Answer
  /**
   * The rules that decided: `unexamined`, `capability`, `policy:<cedar policy id>`, `policy:default_deny`, `sink_closed`, `content`,
   * `approval_required`, `approval_outdated`, `approval`, `approval_denied`, `approval_expired`, `budget`.
   */
  readonly rules: readonly string[]
  /** The reason in words for the model and for people. It holds no arguments. */
  readonly reason: string
}
