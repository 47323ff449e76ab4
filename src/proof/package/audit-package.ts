import type { Digest } from '../../domain/content.ts'
import type { JournalEvent } from '../../domain/event.ts'
import type { PolicyVersion } from '../../domain/policy.ts'
import type { Attestation } from './attestation.ts'

/** The format of audit packages and its version. */
export const packageFormat = 'mandate-audit/1'

/** The payload type of the seal. */
export const sealPayloadType = 'application/vnd.mandate.audit-seal+json'

/**
 * The record of one task up to the end of its last closed run, as one file that anyone can verify. Its bytes are the
 * UTF-8 of its own RFC 8785 text, so that it has one form only.
 */
export interface AuditPackage {
  readonly format: typeof packageFormat
  /** The instant of the export, in epoch milliseconds. */
  readonly exported_at: number
  readonly task: string
  /** The keys that a signature in the package was made with, and no others, by their ids. */
  readonly keys: readonly PackagedKey[]
  /** The events from seq 1 to the end of the last closed run. */
  readonly events: readonly JournalEvent[]
  /**
   * The contents by their digests. Together with `absent` they are exactly those that the events and the runs'
   * configurations refer to.
   */
  readonly contents: readonly PackagedContent[]
  readonly absent: readonly AbsentContent[]
  /** The policies that the runs were queued under, and no others, by their digests. */
  readonly policies: readonly PolicyVersion[]
  /** The statements of the closed runs and the installation's key rotations, log by log, in the order of each. */
  readonly statements: readonly PackagedStatement[]
  /** One signed head for each log, in the order in which the statements refer to the logs. */
  readonly heads: readonly PackagedEnvelope[]
  readonly attestation: Attestation
  /** A signature over everything else, by the key that signed at the export. */
  readonly seal: PackagedEnvelope
}

/** A public key in a package. */
export interface PackagedKey {
  readonly key_id: string
  /** The 32 bytes of the key in base64. */
  readonly public_key: string
}

/** A content in a package. */
export interface PackagedContent {
  readonly digest: Digest
  /** The salt, 32 hexadecimal digits. */
  readonly salt: string
  readonly media_type: string
  readonly sealed: boolean
  /** The encoding: text as it is, bytes in base64. A sealed content is always bytes. */
  readonly encoding: 'text' | 'base64'
  readonly body: string
}

/**
 * The reasons for which a content is absent. `purged`: the server no longer has it. `private`: this export leaves it
 * out.
 */
export const absences = ['purged', 'private'] as const
/** The reason for which a content is absent. */
export type Absence = (typeof absences)[number]

/** A content that the journal refers to and the package does not hold. */
export interface AbsentContent {
  readonly digest: Digest
  readonly reason: Absence
}

/** A DSSE envelope as a JSON value. */
export interface PackagedEnvelope {
  readonly payload: string
  readonly payloadType: string
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[]
}

/** A statement in a package, with its place in the log. */
export interface PackagedStatement {
  readonly log_id: string
  readonly leaf_index: number
  readonly envelope: PackagedEnvelope
  /** The RFC 6962 audit path below the log's head, from the leaf up, in hexadecimal digits. */
  readonly inclusion: readonly string[]
}

/** The payload that the seal signs. */
export interface SealPayload {
  /** The SHA-256 over the canonical bytes of the package without its seal. */
  readonly digest: Digest
  readonly exported_at: number
  readonly format: typeof packageFormat
  readonly key_id: string
  readonly task: string
}
