import type {
  CreatedWebhook,
  CreateWebhook,
  DeliveryPage,
  DeliveryQuery,
  DeliveryView,
  UpdateWebhook,
  WebhookPage,
  WebhookQuery,
  WebhookSecretView,
  WebhookView,
} from '../api/native/contract/webhook.ts'
import { type Connection, requestJson, sendRequest } from './send-request.ts'

/** The calls about webhooks, their deliveries and the secrets that sign. */
export function createWebhookCalls(connection: Connection) {
  const at = (id: string) => `/webhooks/${encodeURIComponent(id)}`
  return {
    createWebhook: (body: CreateWebhook) =>
      requestJson<CreatedWebhook>(connection, { method: 'POST', path: '/webhooks', body }),
    listWebhooks: (query: WebhookQuery = {}) => requestJson<WebhookPage>(connection, { path: '/webhooks', query }),
    readWebhook: (id: string) => requestJson<WebhookView>(connection, { path: at(id) }),
    updateWebhook: (id: string, body: UpdateWebhook) =>
      requestJson<WebhookView>(connection, { method: 'PATCH', path: at(id), body }),
    async deleteWebhook(id: string): Promise<void> {
      await sendRequest(connection, { method: 'DELETE', path: at(id) })
    },
    listDeliveries: (id: string, query: DeliveryQuery = {}) =>
      requestJson<DeliveryPage>(connection, { path: `${at(id)}/deliveries`, query }),
    replayDelivery: (id: string, delivery: string) =>
      requestJson<DeliveryView>(connection, {
        method: 'POST',
        path: `${at(id)}/deliveries/${encodeURIComponent(delivery)}/replay`,
      }),
    /**
     * Reads the secret of a key, which signs the webhooks of the tasks submitted with it. Without an id it is that of
     * the key in use.
     */
    readKeyWebhookSecret: (keyId = 'current') =>
      requestJson<WebhookSecretView>(connection, { path: `/keys/${encodeURIComponent(keyId)}/webhook-secret` }),
  }
}
