import type { Digest } from '../../domain/content.ts'
import type { Signer } from '../../domain/signer.ts'
import { bytesOfBase64 } from '../base64.ts'
import { canonicalBytes, canonicalText } from '../canonical-json.ts'
import { type Envelope, openEnvelope, signEnvelope, verifySignature } from '../dsse.ts'
import { digestOf } from '../sha256.ts'
import type { PublicKeyOf } from '../signed-statement.ts'
import { type AuditPackage, type PackagedEnvelope, type SealPayload, sealPayloadType } from './audit-package.ts'
import { BrokenLink, demand, demandEqual } from './broken-link.ts'

type Unsealed = Omit<AuditPackage, 'seal'>

/** Signs a package as a whole, so that a change shows in parts too that nothing else binds. */
export function sealPackage(unsealed: Unsealed, signer: Signer): AuditPackage {
  const payload = canonicalBytes(payloadOf(unsealed, signer.keyId))
  const seal = JSON.parse(signEnvelope(sealPayloadType, payload, [signer])) as PackagedEnvelope
  return { ...unsealed, seal }
}

/** The key that sealed the package: one of its own, and its signature is right. What it signed is for `checkSeal`. */
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

/** What was sealed is this package, to the letter. */
export function checkSeal(parsed: AuditPackage, keyId: string): void {
  const { seal, ...unsealed } = parsed
  const sealed = Buffer.from(bytesOfBase64(seal.payload) ?? []).toString('utf8')
  const expected = payloadOf(unsealed, keyId)
  if (sealed === canonicalText(expected)) return
  const digest: unknown = parseObject(sealed)['digest']
  demandEqual('seal', 'the digest that was sealed', digest, expected.digest, 'the package')
  throw new BrokenLink('seal', `it seals ${sealed}, which is not this package`)
}

function payloadOf(unsealed: Unsealed, keyId: string): SealPayload {
  const digest: Digest = digestOf(canonicalText(unsealed))
  const { exported_at, format, task } = unsealed
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
    return {} // what is not even JSON has no digest
  }
}
