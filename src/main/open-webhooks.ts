import { randomBytes } from 'node:crypto'
import { certiorWebhookFormat } from '../api/dialects/certior/webhook-format.ts'
import { shinzoWebhookFormat } from '../api/dialects/shinzo/present.ts'
import { standardWebhookFormat } from '../api/native/webhook-format.ts'
import { createEncrypter } from '../data-folder/create-encrypter.ts'
import type { WebhookDeps } from '../engine/webhooks/webhook-deps.ts'
import { packageVersion } from './package-version.ts'
import type { Config } from './read-config.ts'
import { createSendWebhook } from './send-webhook.ts'

/** What delivering webhooks takes. The dialects' own formats stand here. */
export function openWebhooks({ allowPrivateNetwork }: Config, pepper: Uint8Array): WebhookDeps {
  return {
    encrypter: createEncrypter(pepper, () => randomBytes(12)),
    send: createSendWebhook(allowPrivateNetwork),
    formats: { standard: standardWebhookFormat, certior: certiorWebhookFormat, shinzo: shinzoWebhookFormat },
    allowPrivateNetwork,
    userAgent: `Mandate-Webhook/${packageVersion}`,
  }
}
