import type { Problem } from '../domain/shape.ts'
import type { Signer } from '../domain/signer.ts'
import { base64Of, bytesOfBase64 } from './base64.ts'
import { canonicalText } from './canonical-json.ts'
import { verifyEd25519 } from './ed25519.ts'

// Dead Simple Signing Envelope, protocol version 1: https://github.com/secure-systems-lab/dsse. Its text here is always
// canonical: an envelope has one form, so that its leaf in the log is bound to it.

/** The contents of an envelope. */
export interface Envelope {
  readonly payloadType: string
  readonly payload: Uint8Array
  /** The signatures, at least one. No key signs twice. */
  readonly signatures: readonly { readonly keyId: string; readonly signature: Uint8Array }[]
}

/**
 * The signed bytes: the payload and its type, each with its length in bytes, so that neither can be read as part of the
 * other.
 */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const start = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.byteLength} `
  return Buffer.concat([Buffer.from(start), payload])
}

/** Signs a payload. Returns the text of the envelope with a signature of each signer, in this order. */
export function signEnvelope(payloadType: string, payload: Uint8Array, signers: readonly Signer[]): string {
  const signed = preAuthEncoding(payloadType, payload)
  return canonicalText({
    payload: base64Of(payload),
    payloadType,
    signatures: signers.map((signer) => ({ keyid: signer.keyId, sig: base64Of(signer.sign(signed)) })),
  })
}

/** Parses a text that is exactly an envelope. It verifies no signature. */
export function openEnvelope(text: string): Envelope | Problem {
  const value = parse(text)
  if (value === undefined) return { problem: 'the envelope is not JSON' }
  if (!hasExactly(value, ['payload', 'payloadType', 'signatures'])) {
    return { problem: 'the envelope does not have exactly payload, payloadType and signatures' }
  }
  const { payload, payloadType, signatures } = value
  const bytes = typeof payload === 'string' ? bytesOfBase64(payload) : undefined
  if (bytes === undefined) return { problem: 'the payload of the envelope is not canonical base64' }
  if (typeof payloadType !== 'string') return { problem: 'the payload type of the envelope is not a text' }
  const opened = openSignatures(signatures)
  if ('problem' in opened) return opened
  if (canonicalText(value) !== text) return { problem: 'the envelope is not equal to its canonical text' }
  return { payloadType, payload: bytes, signatures: opened.signatures }
}

/** Whether the envelope has a signature under this key's id, and the key made it. */
export function verifySignature(envelope: Envelope, keyId: string, publicKey: Uint8Array): boolean {
  const found = envelope.signatures.find((one) => one.keyId === keyId)
  if (found === undefined) return false
  return verifyEd25519(publicKey, preAuthEncoding(envelope.payloadType, envelope.payload), found.signature)
}

function openSignatures(value: unknown): Pick<Envelope, 'signatures'> | Problem {
  if (!Array.isArray(value) || value.length === 0) return { problem: 'the envelope has no signatures' }
  const signatures: Envelope['signatures'][number][] = []
  for (const entry of value) {
    if (!hasExactly(entry, ['keyid', 'sig'])) return { problem: 'a signature does not have exactly keyid and sig' }
    const { keyid, sig } = entry
    if (typeof keyid !== 'string') return { problem: 'the keyid of a signature is not a text' }
    const signature = typeof sig === 'string' ? bytesOfBase64(sig) : undefined
    if (signature === undefined) return { problem: 'a signature is not canonical base64' }
    if (signatures.some((other) => other.keyId === keyid)) return { problem: `the key ${keyid} signs twice` }
    signatures.push({ keyId: keyid, signature })
  }
  return { signatures }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // JSON has no undefined of its own, and the caller reports it.
  }
}

function hasExactly(value: unknown, names: readonly string[]): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.keys(value).length === names.length && names.every((name) => Object.hasOwn(value, name))
}
