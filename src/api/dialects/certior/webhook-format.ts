import { createHash, createHmac } from 'node:crypto'
import { fullyShown } from '../../../engine/access/read-task.ts'
import type { WebhookFormat } from '../../../engine/webhooks/webhook-deps.ts'
import { readExecution, readSummary } from './present-execution.ts'
import { sortedJson } from './sorted-json.ts'

/**
 * Certior's way of telling a `webhook_url` that an execution has ended: the execution as it is read, and a signature over the
 * body, keyed with the secret as its owner sees it. The same delivery has the same `wh_…` on every try.
 */
export const certiorWebhookFormat: WebhookFormat = {
  async body({ store, snapshot }, brief) {
    // It goes to the webhook that the task's own submitter named.
    const rows = fullyShown(await snapshot())
    const execution = brief ? await readSummary(store, rows, '') : await readExecution(store, rows, '')
    const { websocket_url: _nothingMoreComes, ...told } = execution
    return sortedJson(told)
  },
  headers: ({ deliveryId, body, secret }) => ({
    'user-agent': 'Certior-Webhook/1.0',
    'x-certior-delivery': `wh_${createHash('sha256').update(deliveryId).digest('hex').slice(0, 12)}`,
    'x-certior-signature': createHmac('sha256', secret).update(body).digest('hex'),
  }),
}
