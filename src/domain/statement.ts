import type { Amounts, Ledger } from './budget.ts'
import type { Capability } from './capability.ts'
import type { Digest } from './content.ts'
import type { ActingPrincipal } from './decision.ts'
import type { ActionOutcome } from './event.ts'
import type { PolicyRef } from './policy.ts'
import type { TerminalState } from './run-state.ts'

export const statementKinds = ['certificate', 'refusal', 'settlement', 'revocation', 'closing', 'rotation'] as const
export type StatementKind = (typeof statementKinds)[number]

/** What every statement about an action binds. */
interface ActionStatement {
  readonly log_id: string
  readonly key_id: string
  readonly task: string
  readonly run: string
  readonly attempt: number
  readonly step: number
  readonly action: string
  /** The digest of the statement of the same run before this one; null for the first. */
  readonly previous: Digest | null
  /** Milliseconds since 1970, UTC. */
  readonly issued_at: number
}

interface DecidedStatement extends ActionStatement {
  readonly principal: ActingPrincipal
  readonly tool: string
  /** The content that holds the exact arguments: as the tool gets them, or as they were refused. */
  readonly arguments: Digest
  /** The content that holds what the decision was made from. */
  readonly inputs: Digest
  readonly capabilities: readonly Capability[]
  readonly policy: PolicyRef
  /** The task that this one is a part of. */
  readonly parent: string | null
  readonly rules: readonly string[]
}

/** It was authorised: the action may begin before `expires_at`. */
export interface Certificate extends DecidedStatement {
  readonly kind: 'certificate'
  readonly reserved: Amounts
  /** The action that a crash cut and that this one does again. */
  readonly repeats: string | null
  readonly expires_at: number
}

/** It was denied. */
export interface RefusalRecord extends DecidedStatement {
  readonly kind: 'refusal'
  readonly reason: string
}

/** What came of it. */
export interface Settlement extends ActionStatement {
  readonly kind: 'settlement'
  readonly certificate: Digest
  readonly outcome: ActionOutcome
  readonly result: Digest | null
  readonly cost: Amounts
  readonly duration_ms: number
  /** It ended after its certificate had expired. */
  readonly late: boolean
  /** Labels that its result brought to the run. */
  readonly labels: readonly string[]
}

/** A certificate whose action had not begun was taken back. Not part of the run's chain: somebody else wrote it. */
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

/** How a run ended, and what there is of it: what is missing shows. */
export interface ClosingStatement {
  readonly kind: 'closing'
  readonly log_id: string
  readonly key_id: string
  readonly task: string
  readonly run: string
  readonly turn: number
  readonly outcome: TerminalState
  /** The first seq after the end of the run before it (1 for the first run), and the seq of its own end. */
  readonly first_seq: number
  readonly last_seq: number
  /** The RFC 6962 tree hash over the digests of these events, in order, as `sha256:`. */
  readonly events_root: Digest
  /** Of the run's own chain, and its last; null where there is none. */
  readonly statements: { readonly count: number; readonly head: Digest | null }
  readonly ledger: Ledger
  readonly issued_at: number
}

/** Another key signs from now on; signed by both. Public keys are base64 of their 32 bytes. */
export interface KeyRotation {
  readonly kind: 'rotation'
  readonly log_id: string
  readonly from: { readonly key_id: string; readonly public_key: string }
  readonly to: { readonly key_id: string; readonly public_key: string }
  readonly issued_at: number
}

export type Statement = Certificate | RefusalRecord | Settlement | Revocation | ClosingStatement | KeyRotation

/** A statement as it is kept: its signed bytes, and what it is found by. */
export interface SignedStatement {
  readonly kind: StatementKind
  readonly task: string | null
  readonly run: string | null
  readonly action: string | null
  /** SHA-256 of the payload: how other statements and events name it. */
  readonly digest: Digest
  /** The RFC 8785 bytes, as text, of the DSSE envelope. */
  readonly envelope: string
  /** 64 hex digits: the RFC 6962 leaf hash of the envelope's bytes. */
  readonly leaf: string
  readonly issuedAt: number
}

/** A signed tree head of the log. */
export interface SignedHead {
  readonly logId: string
  readonly size: number
  /** 64 hex digits. */
  readonly root: string
  readonly at: number
  /** The DSSE envelope over `{"at", "key_id", "log_id", "root", "size"}`, as its RFC 8785 text. */
  readonly envelope: string
}
