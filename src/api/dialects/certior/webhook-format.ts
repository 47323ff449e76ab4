import { createHash, createHmac } from 'node:crypto'
import { fullyShown } from '../../../engine/access/read-task.ts'
import type { WebhookFormat } from '../../../engine/webhooks/webhook-deps.ts'
import { readExecution, readSummary } from './present.ts'

/**
 * Formats the delivery that tells a `webhook_url` that an execution has ended. It holds the execution as clients read
 * it, and a signature over the body, keyed with the secret as its owner sees it. Every try of a delivery has the same
 * `wh_…` id.
 */
export const certiorWebhookFormat: WebhookFormat = {
  async body({ store, snapshot }, brief) {
    // The delivery goes to the webhook that the submitter of the task named, so that everything is shown.
    const rows = fullyShown(await snapshot())
    const execution = brief ? await readSummary(store, rows, '') : await readExecution(store, rows, '')
    const { websocket_url: _nothingMoreComes, ...body } = execution
    return sortedJson(body)
  },
  headers: ({ deliveryId, body, secret }) => ({
    'user-agent': 'Certior-Webhook/1.0',
    'x-certior-delivery': `wh_${createHash('sha256').update(deliveryId).digest('hex').slice(0, 12)}`,
    'x-certior-signature': createHmac('sha256', secret).update(body).digest('hex'),
  }),
}

/**
 * Writes JSON with sorted names, a space after each comma and colon, and ASCII only. Receivers of Certior's
 * deliveries verify the signature over the raw body, or over JSON that they parsed and wrote again; this form is the
 * same both ways.
 */
export function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
    entries.sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([name, inner]) => `${ascii(name)}: ${sortedJson(inner)}`).join(', ')}}`
  }
  return typeof value === 'string' ? ascii(value) : JSON.stringify(value ?? null)
}

function ascii(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/gu, (char) => char.split('').map(escaped).join(''))
}

/** Escapes one UTF-16 unit. A character outside the basic plane is written as its two surrogates. */
function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
