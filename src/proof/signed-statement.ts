import type { Digest } from '../domain/content.ts'
import type { Problem } from '../domain/shape.ts'
import type { Signer } from '../domain/signer.ts'
import type { KeyRotation, SignedStatement, Statement } from '../domain/statement.ts'
import { bytesOfBase64 } from './base64.ts'
import { type Envelope, openEnvelope, signEnvelope, verifySignature } from './dsse.ts'
import { leafHash } from './merkle.ts'
import { decodeStatement, encodeStatement, signingKeyIdsOf } from './statement.ts'

const payloadType = 'application/vnd.in-toto+json'

/** Signs a statement with the key that it names. */
export function signStatement(signer: Signer, statement: Exclude<Statement, KeyRotation>): SignedStatement {
  return sign([signer], statement)
}

/** Signs a rotation with the old key and the new one. */
export function signRotation(from: Signer, to: Signer, statement: KeyRotation): SignedStatement {
  return sign([from, to], statement)
}

function sign(signers: readonly Signer[], statement: Statement): SignedStatement {
  const named = signingKeyIdsOf(statement)
  if (named.join() !== signers.map((signer) => signer.keyId).join()) {
    throw new Error(`A ${statement.kind} that names ${named.join(' and ')} is signed by other keys.`)
  }
  const { payload, digest } = encodeStatement(statement)
  const envelope = signEnvelope(payloadType, payload, signers)
  return {
    kind: statement.kind,
    task: 'task' in statement ? statement.task : null,
    run: 'run' in statement ? statement.run : null,
    action: 'action' in statement ? statement.action : null,
    digest,
    envelope,
    leaf: leafHash(Buffer.from(envelope)),
    issuedAt: statement.issued_at,
  }
}

/** A decoded statement with its envelope. Its signatures are not verified. */
export interface OpenedStatement {
  readonly statement: Statement
  readonly digest: Digest
  /** The leaf of the log, 64 hexadecimal digits. */
  readonly leaf: string
  readonly envelope: Envelope
}

/**
 * Decodes the text of an envelope. It must be exactly as we write it, with signatures under the ids of the keys that
 * must sign. `checkSignatures` verifies them.
 */
export function openStatement(text: string): OpenedStatement | Problem {
  const envelope = openEnvelope(text)
  if ('problem' in envelope) return envelope
  if (envelope.payloadType !== payloadType) return { problem: `the payload of the envelope is not ${payloadType}` }
  const statement = decodeStatement(envelope.payload)
  if ('problem' in statement) return statement
  const signed = envelope.signatures.map(({ keyId }) => keyId)
  if (signed.join() !== signingKeyIdsOf(statement).join()) {
    return { problem: `the ${statement.kind} is not signed by the key that it names` }
  }
  const { digest } = encodeStatement(statement)
  return { statement, digest, leaf: leafHash(Buffer.from(text)), envelope }
}

/** Finds the public key of an id, or undefined where the caller does not trust it. */
export type PublicKeyOf = (keyId: string) => Uint8Array | undefined

/**
 * Verifies every signature, and returns undefined or the problem. The new key of a rotation is the one in it, for which
 * the old key vouches.
 */
export function checkSignatures(
  { statement, envelope }: OpenedStatement,
  publicKeyOf: PublicKeyOf,
): Problem | undefined {
  for (const keyId of signingKeyIdsOf(statement)) {
    const brought = statement.kind === 'rotation' && statement.to.key_id === keyId ? statement.to.public_key : undefined
    const publicKey = brought === undefined ? publicKeyOf(keyId) : bytesOfBase64(brought)
    if (publicKey === undefined) return { problem: `the key ${keyId} is not known` }
    if (!verifySignature(envelope, keyId, publicKey)) {
      return { problem: `the signature of the ${statement.kind} by ${keyId} is wrong` }
    }
  }
  return undefined
}
