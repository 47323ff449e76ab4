import type { Digest } from '../../domain/content.ts'
import type { Signer } from '../../domain/signer.ts'
import { bytesOfBase64 } from '../base64.ts'
import { canonicalBytes, canonicalText } from '../canonical-json.ts'
import { digestOf } from '../digests.ts'
import { type Envelope, openEnvelope, signEnvelope, verifySignature } from '../dsse.ts'
import type { PublicKeyOf } from '../signed-statement.ts'
import { type AuditPackage, type PackagedEnvelope, type SealPayload, sealPayloadType } from './audit-package.ts'
import { BrokenLink, demand, demandEqual } from './broken-link.ts'

/** A package before it is signed. */
export type UnsignedPackage = Omit<AuditPackage, 'seal'>

/** Signs a package as a whole, so that a change also shows in parts that nothing else binds. */
export function signPackage(unsealed: UnsignedPackage, signer: Signer): AuditPackage {
  return { ...unsealed, seal: sealOf(payloadOf(unsealed, canonicalText(unsealed), signer.keyId), signer) }
}

/** A package as its text in UTF-8, but for the seal, which stands between the two parts of it: what is left is to sign the payload. */
export interface PreparedPackage {
  readonly before: Uint8Array
  readonly after: Uint8Array
  readonly payload: SealPayload
}

/** All of the work that grows with the package, and none that needs the private key. `keyId`: of the key that will seal it. */
export function prepareSeal(unsealed: UnsignedPackage, keyId: string): PreparedPackage {
  // Names are sorted in a canonical text, and "seal" comes before these two and after all others.
  const { statements, task, ...others } = unsealed
  const before = canonicalText(others).slice(0, -1)
  const after = canonicalText({ statements, task }).slice(1)
  const encoder = new TextEncoder()
  return {
    before: encoder.encode(before),
    after: encoder.encode(after),
    payload: payloadOf(unsealed, `${before},${after}`, keyId),
  }
}

/**
 * The canonical text of a sealed package in UTF-8, as chunks in their order. A package may be as large as memory allows, so
 * that nothing on the event loop may copy it or make a text of it.
 */
export type SealedPackage = readonly Uint8Array[]

/** Seals a package by the key that it was prepared for. */
export function sealPrepared({ before, after, payload }: PreparedPackage, signer: Signer): SealedPackage {
  return [before, Buffer.from(`,"seal":${canonicalText(sealOf(payload, signer))},`), after]
}

/** The text of a sealed package. Its cost grows with the package: call it in a worker. */
export function textOfSealed(sealed: SealedPackage): string {
  return Buffer.concat(sealed).toString('utf8')
}

function sealOf(payload: SealPayload, signer: Signer): PackagedEnvelope {
  return JSON.parse(signEnvelope(sealPayloadType, canonicalBytes(payload), [signer])) as PackagedEnvelope
}

/**
 * Verifies the signature of the seal, which must be by one of the package's keys. Returns the id of that key.
 * `checkSeal` checks the payload.
 */
export function openSeal(seal: PackagedEnvelope, publicKeyOf: PublicKeyOf): string {
  const envelope = openedSeal(seal)
  demand(envelope.payloadType === sealPayloadType, 'seal', `its payload is not ${sealPayloadType}`)
  const [one, ...more] = envelope.signatures
  demand(one !== undefined && more.length === 0, 'seal', 'it does not have exactly one signature')
  const publicKey = publicKeyOf(one.keyId)
  demand(publicKey !== undefined, 'seal', `the key ${one.keyId} is not among the package's keys`)
  demand(verifySignature(envelope, one.keyId, publicKey), 'seal', `its signature by ${one.keyId} is wrong`)
  return one.keyId
}

/** Checks that the seal's payload names exactly this package. */
export function checkSeal(parsed: AuditPackage, keyId: string): void {
  const { seal, ...unsealed } = parsed
  const sealed = Buffer.from(bytesOfBase64(seal.payload) ?? []).toString('utf8')
  const expected = payloadOf(unsealed, canonicalText(unsealed), keyId)
  if (sealed === canonicalText(expected)) return
  const digest: unknown = parseObject(sealed)['digest']
  demandEqual('seal', 'the digest that was sealed', digest, expected.digest, 'the package')
  throw new BrokenLink('seal', `it seals ${sealed}, which is not this package`)
}

function payloadOf({ exported_at, format, task }: UnsignedPackage, text: string, keyId: string): SealPayload {
  const digest: Digest = digestOf(text)
  return { digest, exported_at, format, key_id: keyId, task }
}

function openedSeal(seal: PackagedEnvelope): Envelope {
  const envelope = openEnvelope(canonicalText(seal))
  if ('problem' in envelope) throw new BrokenLink('seal', envelope.problem)
  return envelope
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {} // A payload that is not JSON has no digest.
  }
}
