import type { Amounts, Ledger } from './budget.ts'
import type { Capability } from './capability.ts'
import type { Digest } from './content.ts'
import type { ActingPrincipal } from './decision.ts'
import type { ActionOutcome } from './event.ts'
import type { PolicyRef } from './policy.ts'
import type { AnswerOutcome, PromptKind, Responder } from './prompt.ts'
import type { TerminalState } from './run-state.ts'

/** The kinds of statements. */
export const statementKinds = [
  'certificate',
  'refusal',
  'ask',
  'answer',
  'settlement',
  'revocation',
  'closing',
  'rotation',
] as const
/** The kind of a statement. */
export type StatementKind = (typeof statementKinds)[number]

/** The properties that every statement about an action binds. */
interface ActionStatement {
  readonly log_id: string
  readonly key_id: string
  readonly task: string
  readonly run: string
  readonly attempt: number
  readonly step: number
  readonly action: string
  /** The digest of the previous statement of the same run, or null for the first. */
  readonly previous: Digest | null
  /** The instant at which it was issued, in epoch milliseconds. */
  readonly issued_at: number
}

interface DecidedStatement extends ActionStatement {
  readonly principal: ActingPrincipal
  readonly tool: string
  /** The content that holds the exact arguments: those that the tool is given, or those that were refused. */
  readonly arguments: Digest
  /** The content that holds the inputs of the decision. */
  readonly inputs: Digest
  readonly capabilities: readonly Capability[]
  readonly policy: PolicyRef
  /** The task that this one is a sub-task of. */
  readonly parent: string | null
  readonly rules: readonly string[]
}

/** The action was authorised and may begin before `expires_at`. */
export interface Certificate extends DecidedStatement {
  readonly kind: 'certificate'
  readonly reserved: Amounts
  /** The action that a crash interrupted and that this one repeats. */
  readonly repeats: string | null
  readonly expires_at: number
  /** The signed answer by which a person approved it; absent where nobody was asked. */
  readonly approval?: Digest | undefined
}

/** The action may begin only when a person has approved it. */
export interface ApprovalRequest extends DecidedStatement {
  readonly kind: 'ask'
  readonly reason: string
  readonly prompt: string
  /** The instant after which nobody can approve it, or null. */
  readonly expires_at: number | null
}

/**
 * A person answered a prompt. It is not part of the run's chain, since another party wrote it.
 */
export interface PromptAnswerStatement {
  readonly kind: 'answer'
  readonly log_id: string
  readonly key_id: string
  readonly task: string
  readonly run: string
  /** The action that was asked about, or null where the prompt belongs to none. */
  readonly action: string | null
  readonly prompt: string
  readonly prompt_kind: PromptKind
  /** The content of what was asked, and of the answer. */
  readonly payload: Digest
  readonly answer: Digest
  readonly outcome: AnswerOutcome
  readonly by: Responder
  readonly issued_at: number
}

/** The action was denied. */
export interface RefusalRecord extends DecidedStatement {
  readonly kind: 'refusal'
  readonly reason: string
  /** The signed answer by which a person denied it; absent where nobody was asked. */
  readonly approval?: Digest | undefined
}

/** The outcome of the action. */
export interface Settlement extends ActionStatement {
  readonly kind: 'settlement'
  readonly certificate: Digest
  readonly outcome: ActionOutcome
  readonly result: Digest | null
  readonly cost: Amounts
  readonly duration_ms: number
  /** Whether the action ended after its certificate had expired. */
  readonly late: boolean
  /** The labels that its result added to the run. */
  readonly labels: readonly string[]
}

/**
 * The certificate of an action that had not begun was revoked. It is not part of the run's chain, since another party
 * wrote it.
 */
export interface Revocation {
  readonly kind: 'revocation'
  readonly log_id: string
  readonly key_id: string
  readonly task: string
  readonly run: string
  readonly action: string
  readonly certificate: Digest
  readonly by: string
  readonly issued_at: number
}

/** The end of a run with a summary of its journal and statements, so that a missing part shows. */
export interface ClosingStatement {
  readonly kind: 'closing'
  readonly log_id: string
  readonly key_id: string
  readonly task: string
  readonly run: string
  readonly turn: number
  readonly outcome: TerminalState
  /** The first seq after the end of the previous run (1 for the first run); `last_seq` is the seq of its own end. */
  readonly first_seq: number
  readonly last_seq: number
  /** The RFC 6962 tree hash over the digests of these events in order, as `sha256:`. */
  readonly events_root: Digest
  /** The length of the run's own chain of statements and its last one, which is null where there is none. */
  readonly statements: { readonly count: number; readonly head: Digest | null }
  readonly ledger: Ledger
  readonly issued_at: number
}

/** Another key signs from now on. Both keys sign this. Public keys are the base64 of their 32 bytes. */
export interface KeyRotation {
  readonly kind: 'rotation'
  readonly log_id: string
  readonly from: { readonly key_id: string; readonly public_key: string }
  readonly to: { readonly key_id: string; readonly public_key: string }
  readonly issued_at: number
}

/** A statement: signed bytes about an action, a run or a key. */
export type Statement =
  | Certificate
  | RefusalRecord
  | ApprovalRequest
  | PromptAnswerStatement
  | Settlement
  | Revocation
  | ClosingStatement
  | KeyRotation

/** A statement as it is stored: its signed bytes, and the properties that it is found by. */
export interface SignedStatement {
  readonly kind: StatementKind
  readonly task: string | null
  readonly run: string | null
  readonly action: string | null
  /** The SHA-256 of the payload, by which other statements and events refer to it. */
  readonly digest: Digest
  /** The DSSE envelope as its RFC 8785 text. */
  readonly envelope: string
  /** The RFC 6962 leaf hash of the envelope's bytes, 64 hexadecimal digits. */
  readonly leaf: string
  readonly issuedAt: number
}

/** A signed tree head of the log. */
export interface SignedHead {
  readonly logId: string
  readonly size: number
  /** The root hash, 64 hexadecimal digits. */
  readonly root: string
  readonly at: number
  /** The DSSE envelope over `{"at", "key_id", "log_id", "root", "size"}`, as its RFC 8785 text. */
  readonly envelope: string
}
