import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'

// Standard Webhooks: https://www.standardwebhooks.com. HMAC-SHA-256 (`v1`) by its own package, Ed25519 (`v1a`) beside it.

/** A key pair for `v1a`, made of 32 random bytes. */
export interface WebhookSigningKey {
  readonly privateKey: KeyObject
  /** `whpk_` and the 32 bytes of the public key in base64. */
  readonly publicKey: string
}

const secretPrefix = 'whsec_'
const publicPrefix = 'whpk_'
const pkcs8Start = Buffer.from('302e020100300506032b657004220420', 'hex')
const spkiStart = Buffer.from('302a300506032b6570032100', 'hex')

/** A secret as it is shown, from 24 to 64 random bytes. */
export function webhookSecretOf(bytes: Uint8Array): string {
  return `${secretPrefix}${Buffer.from(bytes).toString('base64')}`
}

/** Whether a text has the form of a secret, with or without its prefix. */
export function isWebhookSecret(text: string): boolean {
  return /^(?:whsec_)?[A-Za-z0-9+/]{16,}={0,2}$/u.test(text)
}

export function signingKeyOf(seed: Uint8Array): WebhookSigningKey {
  const der = Buffer.concat([pkcs8Start, seed])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  const publicKey = `${publicPrefix}${spki.subarray(spkiStart.length).toString('base64')}`
  return { privateKey, publicKey }
}

export interface ToSign {
  /** The `webhook-id`. */
  readonly id: string
  readonly at: number
  readonly body: string
  /** The newest first; all of them sign. */
  readonly secrets: readonly string[]
  readonly signingKey: WebhookSigningKey
}

/** The three headers of the standard. */
export async function signWebhook({ id, at, body, secrets, signingKey }: ToSign): Promise<Record<string, string>> {
  const { Webhook } = await import('standardwebhooks')
  const symmetric = secrets.map((secret) => new Webhook(secret).sign(id, new Date(at), body))
  const timestamp = String(Math.floor(at / 1_000))
  const signature = sign(null, signedBytes(id, timestamp, body), signingKey.privateKey).toString('base64')
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': [...symmetric, `v1a,${signature}`].join(' '),
  }
}

function signedBytes(id: string, timestamp: string, body: string): Buffer {
  return Buffer.from(`${id}.${timestamp}.${body}`)
}

type Headers = Readonly<Record<string, string>>

/** Undefined where the `v1` signature is right and not older than five minutes; else what is wrong. Names are lower case. */
export async function checkWebhook(secret: string, headers: Headers, body: string): Promise<string | undefined> {
  const { Webhook, WebhookVerificationError } = await import('standardwebhooks')
  try {
    new Webhook(secret).verify(body, { ...headers }, { jsonParse: false })
    return undefined
  } catch (error) {
    if (error instanceof WebhookVerificationError) return error.message
    throw error
  }
}

/** Whether one of the signatures is this public key's `v1a`. */
export function isSignedBy(publicKey: string, headers: Headers, body: string): boolean {
  if (!publicKey.startsWith(publicPrefix)) return false
  const { 'webhook-id': id = '', 'webhook-timestamp': timestamp = '', 'webhook-signature': signatures = '' } = headers
  const der = Buffer.concat([spkiStart, Buffer.from(publicKey.slice(publicPrefix.length), 'base64')])
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
  return signatures.split(' ').some((signature) => {
    if (!signature.startsWith('v1a,')) return false
    return verify(null, signedBytes(id, timestamp, body), key, Buffer.from(signature.slice('v1a,'.length), 'base64'))
  })
}
