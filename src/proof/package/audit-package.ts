import type { Digest } from '../../domain/content.ts'
import type { JournalEvent } from '../../domain/event.ts'
import type { PolicyVersion } from '../../domain/policy.ts'
import type { Attestation } from './attestation.ts'

export const packageFormat = 'mandate-audit/1'

export const sealPayloadType = 'application/vnd.mandate.audit-seal+json'

/**
 * The record of one task, up to the end of its last closed run, as one file that a stranger can check. Its bytes are the UTF-8
 * of its own RFC 8785 text: it has one form only.
 */
export interface AuditPackage {
  readonly format: typeof packageFormat
  /** Milliseconds since 1970, UTC. */
  readonly exported_at: number
  readonly task: string
  /** Exactly those that a signature in the package was made with, by their ids. */
  readonly keys: readonly PackagedKey[]
  /** From seq 1 to the end of the last closed run. */
  readonly events: readonly JournalEvent[]
  /** By their digests. Together with `absent`: exactly what the events and the runs' configurations refer to. */
  readonly contents: readonly PackagedContent[]
  readonly absent: readonly AbsentContent[]
  /** Exactly those that the runs were queued under, by their digests. */
  readonly policies: readonly PolicyVersion[]
  /** The closed runs' and the installation's key rotations, log by log, in the order of each. */
  readonly statements: readonly PackagedStatement[]
  /** One signed head for each log, in the order in which the statements come to them. */
  readonly heads: readonly PackagedEnvelope[]
  readonly attestation: Attestation
  /** Over all the rest, by the key that signed when it was exported. */
  readonly seal: PackagedEnvelope
}

export interface PackagedKey {
  readonly key_id: string
  /** Base64 of the 32 bytes. */
  readonly public_key: string
}

export interface PackagedContent {
  readonly digest: Digest
  /** 32 hex digits. */
  readonly salt: string
  readonly media_type: string
  readonly sealed: boolean
  /** Text as it is, bytes in base64; what is sealed is always bytes. */
  readonly encoding: 'text' | 'base64'
  readonly body: string
}

/** `purged`: the server has it no more. `private`: it was there, and this export leaves it out. */
export const absences = ['purged', 'private'] as const
export type Absence = (typeof absences)[number]

export interface AbsentContent {
  readonly digest: Digest
  readonly reason: Absence
}

/** A DSSE envelope, as a value. */
export interface PackagedEnvelope {
  readonly payload: string
  readonly payloadType: string
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[]
}

export interface PackagedStatement {
  readonly log_id: string
  readonly leaf_index: number
  readonly envelope: PackagedEnvelope
  /** The RFC 6962 audit path below the log's head, from the leaf up, in hex digits. */
  readonly inclusion: readonly string[]
}

/** What the seal signs. */
export interface SealPayload {
  /** SHA-256 over the canonical bytes of the package without its seal. */
  readonly digest: Digest
  readonly exported_at: number
  readonly format: typeof packageFormat
  readonly key_id: string
  readonly task: string
}
