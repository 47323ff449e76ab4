import type { WebhookBody } from '../../../api/native/contract/webhook.ts'
import { checkWebhook, isSignedBy } from '../../../client/check-webhook.ts'
import { oneLine, shorten } from '../../format/printable.ts'
import type { ReceivedRequest } from './receive-webhooks.ts'

/** The result of checking the signatures of one delivery. */
export interface Verification {
  /** Undefined where the signature is right; else what is wrong. */
  readonly problem: string | undefined
  readonly signatures: readonly ('v1' | 'v1a')[]
}

/** The keys that a delivery is checked with; a public key that is not known is not asked for. */
export interface VerifyingKeys {
  readonly secret: string
  readonly publicKey: string | undefined
}

/**
 * Checks the symmetric signature (`v1`) and that the delivery is at most five minutes old. Where a public key is known
 * it checks the asymmetric signature (`v1a`) too.
 */
export async function verifyDelivery(
  { secret, publicKey }: VerifyingKeys,
  { headers, body }: ReceivedRequest,
): Promise<Verification> {
  const problem = await checkWebhook(secret, headers, body)
  if (problem !== undefined) return { problem, signatures: [] }
  if (publicKey === undefined) return { problem, signatures: ['v1'] }
  if (isSignedBy(publicKey, headers, body)) return { problem, signatures: ['v1', 'v1a'] }
  return { problem: "The v1a signature is not this server's", signatures: ['v1'] }
}

/** Describes a delivery on one line. A body that is not in the standard format is described by its size. */
export function describeDelivery({ headers, body }: ReceivedRequest): string {
  const id = oneLine(headers['webhook-id'] ?? 'without an id')
  const known = parseBody(body)
  if (known === undefined)
    return `${Buffer.byteLength(body)} bytes of ${oneLine(headers['content-type'] ?? '?')}  ${id}`
  const { type, data } = known
  return `${oneLine(type)}  task ${data.task.number} #${data.event.seq}  ${shorten(oneLine(data.task.title), 50)}  ${id}`
}

function parseBody(body: string): WebhookBody | undefined {
  try {
    const parsed: Partial<WebhookBody> = JSON.parse(body)
    return parsed.data?.task !== undefined && parsed.data.event !== undefined ? (parsed as WebhookBody) : undefined
  } catch {
    return undefined // It is not JSON: the delivery is described by its size.
  }
}
