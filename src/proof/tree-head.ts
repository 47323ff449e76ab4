import type { Problem } from '../domain/shape.ts'
import { count, matching, record } from '../domain/shape.ts'
import type { Signer } from '../domain/signer.ts'
import type { SignedHead } from '../domain/statement.ts'
import { canonicalText } from './canonical-json.ts'
import { openEnvelope, signEnvelope, verifySignature } from './dsse.ts'
import type { PublicKeyOf } from './signed-statement.ts'

const payloadType = 'application/vnd.mandate.tree-head+json'

/** The signed payload of a head. */
interface HeadPayload {
  readonly at: number
  readonly key_id: string
  readonly log_id: string
  readonly root: string
  readonly size: number
}

const shape = record<HeadPayload>({
  at: count,
  key_id: matching(/^ed25519:[0-9a-f]{32}$/u, 'the id of a key'),
  log_id: matching(/^[\s\S]+$/u, 'an id'),
  root: matching(/^[0-9a-f]{64}$/u, 'a hash'),
  size: count,
})

/** Signs that the log has this root at this size. */
export function signHead(signer: Signer, head: Omit<SignedHead, 'envelope'>): SignedHead {
  const { logId, size, root, at } = head
  const payload: HeadPayload = { at, key_id: signer.keyId, log_id: logId, root, size }
  const envelope = signEnvelope(payloadType, Buffer.from(canonicalText(payload)), [signer])
  return { logId, size, root, at, envelope }
}

/** Decodes a head and verifies that the key it names, and no other, has signed it. */
export function verifyHead(
  text: string,
  publicKeyOf: PublicKeyOf,
): (SignedHead & { readonly keyId: string }) | Problem {
  const envelope = openEnvelope(text)
  if ('problem' in envelope) return envelope
  if (envelope.payloadType !== payloadType) return { problem: `the payload of the head is not ${payloadType}` }
  const payload = parsePayload(envelope.payload)
  if ('problem' in payload) return payload
  const { at, key_id: keyId, log_id: logId, root, size } = payload
  if (envelope.signatures.length !== 1 || envelope.signatures[0]?.keyId !== keyId) {
    return { problem: 'the head is not signed by the key that it names' }
  }
  const publicKey = publicKeyOf(keyId)
  if (publicKey === undefined) return { problem: `the key ${keyId} is not known` }
  if (!verifySignature(envelope, keyId, publicKey)) return { problem: `the signature of the head by ${keyId} is wrong` }
  return { logId, size, root, at, envelope: text, keyId }
}

function parsePayload(bytes: Uint8Array): HeadPayload | Problem {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return { problem: 'the head is not JSON' }
  }
  const schemaError = shape(value, 'the head')
  if (schemaError !== undefined) return schemaError
  if (!Buffer.from(canonicalText(value)).equals(bytes))
    return { problem: 'the head is not equal to its canonical bytes' }
  return value as HeadPayload
}
