import type { Ledger } from './budget.ts'
import type { Capability } from './capability.ts'
import type { Digest } from './content.ts'
import type { PolicyRef } from './policy.ts'
import type { Role } from './principal.ts'

/** What an action does to the world outside the run; the action by which policies speak of it in Cedar. */
export const accesses = ['read', 'write', 'fetch', 'send', 'execute', 'other'] as const
export type Access = (typeof accesses)[number]

/** Something that a detector found in a text. Holds nothing of the text itself. */
export interface Finding {
  /** `ssn`, `secret:aws`, `keyword`, …: what stands before the colon is its group. */
  readonly detector: string
  /** Of the detector's rules: the same text and version give the same findings. */
  readonly version: number
  /** UTF-16 units in the text that was scanned. */
  readonly start: number
  readonly end: number
  /** SHA-256 over the salt of the content that holds the text, then what was found (decoded). */
  readonly digest: Digest
  /** The encodings it was hidden in, outermost first: `base64`, `hex`, `url`, `json_escape`, `zero_width`, `homoglyph`. */
  readonly encodings: readonly string[]
}

export interface ActingPrincipal {
  readonly user: string
  readonly team: string | null
  readonly role: Role
}

/**
 * Everything that a decision of the guard was made from, recorded as a content beside it, so that it can be made again from
 * the record. The arguments themselves are the content that `arguments` names.
 */
export interface DecisionInputs {
  readonly version: 1
  /** Milliseconds since 1970, UTC. */
  readonly at: number
  readonly task: string
  readonly run: string
  readonly action: string
  readonly principal: ActingPrincipal
  readonly policy: PolicyRef
  readonly tool: string
  readonly access: Access
  /** Needed by this call; all of them. */
  readonly required: readonly Capability[]
  /** The effective capabilities of the run. */
  readonly granted: readonly Capability[]
  /** Where what this call is given can go to. */
  readonly sinks: readonly string[]
  /** What a policy may want a person to approve. */
  readonly approval_categories: readonly string[]
  /** Of the call, where it has one. */
  readonly host: string | null
  readonly path: string | null
  readonly arguments: Digest
  /** In the arguments. */
  readonly findings: readonly Finding[]
  /** Of the run before this call, sorted. */
  readonly labels: readonly string[]
  readonly cost_micros_usd: number
  readonly ledger: Ledger
}

export const answers = ['allow', 'deny', 'ask'] as const
export type Answer = (typeof answers)[number]

export interface Decision {
  readonly answer: Answer
  /** What decided, by name: `capability`, `policy:<cedar policy id>`, `policy:default_deny`, `sink_closed`, `content`, `approval_required`, `budget`. */
  readonly rules: readonly string[]
  /** Written for the model and for people; holds no arguments. */
  readonly reason: string
}
