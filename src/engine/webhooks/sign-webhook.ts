import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { publicKeyPrefix, secretPrefix, signedText } from '../../domain/webhook.ts'

/** A key pair for `v1a` signatures. */
export interface WebhookSigningKey {
  readonly privateKey: KeyObject
  /** `whpk_` and the 32 bytes of the public key in base64. */
  readonly publicKey: string
}

const pkcs8Start = Buffer.from('302e020100300506032b657004220420', 'hex')
const spkiStartBytes = 12

/** A secret as it is shown to its holder, made of 24 to 64 random bytes. */
export function webhookSecretOf(bytes: Uint8Array): string {
  return `${secretPrefix}${Buffer.from(bytes).toString('base64')}`
}

/** The key pair of a seed of 32 random bytes. */
export function signingKeyOf(seed: Uint8Array): WebhookSigningKey {
  const der = Buffer.concat([pkcs8Start, seed])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return { privateKey, publicKey: `${publicKeyPrefix}${spki.subarray(spkiStartBytes).toString('base64')}` }
}

/** A delivery to sign. */
export interface ToSign {
  /** The `webhook-id`. */
  readonly id: string
  /** The instant of the try, in epoch milliseconds. */
  readonly at: number
  readonly body: string
  /** The secrets, newest first. All of them sign. */
  readonly secrets: readonly string[]
  readonly signingKey: WebhookSigningKey
}

/**
 * The three headers of Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA-256 (`v1`) by the standard's own
 * package, and Ed25519 (`v1a`) beside it.
 */
export async function signWebhook({ id, at, body, secrets, signingKey }: ToSign): Promise<Record<string, string>> {
  const { Webhook } = await import('standardwebhooks')
  const symmetric = secrets.map((secret) => new Webhook(secret).sign(id, new Date(at), body))
  const timestamp = String(Math.floor(at / 1_000))
  const signature = sign(null, Buffer.from(signedText(id, timestamp, body)), signingKey.privateKey).toString('base64')
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': [...symmetric, `v1a,${signature}`].join(' '),
  }
}
