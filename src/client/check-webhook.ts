import { createPublicKey, verify } from 'node:crypto'
import { publicKeyPrefix, secretPrefix, signedText } from '../domain/webhook.ts'

type Headers = Readonly<Record<string, string>>

const spkiStart = Buffer.from('302a300506032b6570032100', 'hex')

/** Whether a text has the form of a secret, with or without its prefix. */
export function isWebhookSecret(text: string): boolean {
  const encoded = text.startsWith(secretPrefix) ? text.slice(secretPrefix.length) : text
  return /^[A-Za-z0-9+/]{16,}={0,2}$/u.test(encoded)
}

/**
 * Checks the `v1` signature of a delivery with the holder's secret. Resolves with undefined where it is right and not older
 * than five minutes, else with what is wrong. The names of the headers are in lower case.
 */
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

/** Whether one of the delivery's `v1a` signatures was made with this public key (`whpk_…`). */
export function isSignedBy(publicKey: string, headers: Headers, body: string): boolean {
  if (!publicKey.startsWith(publicKeyPrefix)) return false
  const { 'webhook-id': id = '', 'webhook-timestamp': timestamp = '', 'webhook-signature': signatures = '' } = headers
  const der = Buffer.concat([spkiStart, Buffer.from(publicKey.slice(publicKeyPrefix.length), 'base64')])
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
  const signed = Buffer.from(signedText(id, timestamp, body))
  return signatures.split(' ').some((signature) => {
    if (!signature.startsWith('v1a,')) return false
    return verify(null, signed, key, Buffer.from(signature.slice('v1a,'.length), 'base64'))
  })
}
