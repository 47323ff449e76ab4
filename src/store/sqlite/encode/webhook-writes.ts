import type { Commit } from '../../commit.ts'
import { placeValues } from '../named-sql.ts'
import { insertDeliverySql } from '../sql/webhooks.ts'
import { endpoints, webhookSecrets } from '../tables/webhooks.ts'
import type { EncodedDelivery, EncodedTask } from '../writer/encoded-commit.ts'
import type { WriteEncoders } from './commit-parts.ts'

/** Encoders for writes of endpoints, deliveries and secrets. */
export const webhookEncoders = {
  insert_endpoint: ({ endpoint }, { calls }) =>
    void calls.push(['insertEndpoint', ...endpoints.insert.parametersOf(endpoint)]),
  save_endpoint({ endpoint }, { calls, call }) {
    calls.push(['saveEndpoint', ...endpoints.update.parametersOf(endpoint)])
    call('moveDeliveries', { endpoint: endpoint.id })
  },
  hold_endpoint({ endpoint, until }, { call }) {
    call('holdEndpoint', { endpoint, until })
    call('holdDeliveries', { endpoint, until })
  },
  delete_endpoint({ endpoint }, { call }) {
    call('deleteDeliveries', { endpoint })
    call('deleteEndpoint', { endpoint })
    call('deleteWebhookSecret', { holder: `endpoint:${endpoint}` })
  },
  add_deliveries: () => undefined, // `encodeDeliveries` encodes them.
  save_delivery({ delivery }, { call }) {
    const { id, state, attempts, tries, nextAt, settledAt } = delivery
    const saved = { id, state, attempts, tries: JSON.stringify(tries), next_at: nextAt, settled_at: settledAt }
    call('saveDelivery', saved)
    if (settledAt !== null) call('releaseNext', { id, settled_at: settledAt })
  },
  forget_deliveries: ({ before, limit }, { call }) => call('forgetDeliveries', { before, limit }),
  add_webhook_secret: ({ secret }, { calls }) =>
    void calls.push(['addWebhookSecret', ...webhookSecrets.insertIfAbsent.parametersOf(secret)]),
  save_webhook_secret: ({ secret }, { calls }) =>
    void calls.push(['saveWebhookSecret', ...webhookSecrets.upsert.parametersOf(secret)]),
} satisfies Partial<WriteEncoders>

/**
 * Encodes the deliveries of a commit, each with the index of its event among those that the commit appends. Null where
 * there are none.
 */
export function encodeDeliveries(commit: Commit, tasks: readonly EncodedTask[]): EncodedDelivery[] | null {
  let encoded: EncodedDelivery[] | null = null
  for (const write of commit.write) {
    if (write.kind !== 'add_deliveries') continue
    const task = tasks.findIndex(({ id }) => id === write.task)
    encoded ??= []
    for (const { event, id, kind, at, endpointId } of write.deliveries) {
      const [_task, _seq, ...rest] = placeValues(insertDeliverySql, { task: 0, seq: 0, id, kind, at, endpointId })
      encoded.push([task, event, ...rest])
    }
  }
  return encoded
}
