import type { Digest } from '../domain/content.ts'
import type { Problem } from '../domain/shape.ts'
import type { Signer } from '../domain/signer.ts'
import type { KeyRotation, SignedStatement, Statement } from '../domain/statement.ts'
import { bytesOfBase64 } from './base64.ts'
import { type Envelope, openEnvelope, signEnvelope, verifySignature } from './dsse.ts'
import { leafHash } from './merkle.ts'
import { decodeStatement, encodeStatement, signingKeyIdsOf } from './statement.ts'

const payloadType = 'application/vnd.in-toto+json'

/** A statement, signed by the key that it names. */
export function signStatement(signer: Signer, statement: Exclude<Statement, KeyRotation>): SignedStatement {
  return sign([signer], statement)
}

/** A rotation, signed by the key that goes and by the one that comes. */
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

export interface OpenedStatement {
  readonly statement: Statement
  readonly digest: Digest
  /** 64 hex digits: the leaf of the log. */
  readonly leaf: string
  readonly envelope: Envelope
}

/**
 * What the text of an envelope states, where all of it is to the letter as we write it and the signatures go by the names of
 * the keys that must sign. The signatures themselves: `checkSignatures`.
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

/** The public key of this id, where the one who asks trusts it. */
export type PublicKeyOf = (keyId: string) => Uint8Array | undefined

/** Nothing where every signature is right. The key that a rotation brings is the one it holds: the key before vouches for it. */
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
