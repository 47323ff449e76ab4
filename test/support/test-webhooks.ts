import { randomBytes } from 'node:crypto'
import { certiorWebhookFormat } from '../../src/api/dialects/certior/webhook-format.ts'
import { shinzoWebhookFormat } from '../../src/api/dialects/shinzo/present.ts'
import { standardWebhookFormat } from '../../src/api/native/webhook-format.ts'
import { createEncrypter } from '../../src/data-folder/create-encrypter.ts'
import { type SendWebhook, type WebhookDeps, WebhookSendError } from '../../src/engine/webhooks/webhook-deps.ts'

/** Webhooks of a world: sent by `send`, or refused where it is not given. */
export function createTestWebhooks(send: SendWebhook = refuseToSend): WebhookDeps {
  return {
    encrypter: createEncrypter(Buffer.alloc(32, 7), () => randomBytes(12)),
    send,
    formats: { standard: standardWebhookFormat, certior: certiorWebhookFormat, shinzo: shinzoWebhookFormat },
    allowPrivateNetwork: true,
    publicUrl: () => 'https://mandate.example.com',
    userAgent: 'Mandate-Webhook/0.0.0-test',
  }
}

async function refuseToSend(): Promise<never> {
  throw new WebhookSendError('this world sends no webhooks')
}
