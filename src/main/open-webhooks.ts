import { randomBytes } from 'node:crypto'
import { certiorWebhookFormat } from '../api/dialects/certior/webhook-format.ts'
import { shinzoWebhookFormat } from '../api/dialects/shinzo/present.ts'
import { standardWebhookFormat } from '../api/native/webhook-format.ts'
import { createEncrypter } from '../data-folder/create-encrypter.ts'
import { type SendWebhook, type WebhookDeps, WebhookSendError } from '../engine/webhooks/webhook-deps.ts'
import { AddressRefused, createGuardedDispatcher } from '../tool/builtin/fetch-url/guarded-dispatcher.ts'
import { packageVersion } from './package-version.ts'
import type { Config } from './read-config.ts'

/** Opens the dependencies of webhook delivery. The formats of the dialects are chosen here. */
export function openWebhooks(
  { allowPrivateNetwork }: Config,
  pepper: Uint8Array,
  publicUrl: () => string,
): WebhookDeps {
  return {
    encrypter: createEncrypter(pepper, () => randomBytes(12)),
    send: createSendWebhook(allowPrivateNetwork),
    formats: { standard: standardWebhookFormat, certior: certiorWebhookFormat, shinzo: shinzoWebhookFormat },
    allowPrivateNetwork,
    publicUrl,
    userAgent: `Mandate-Webhook/${packageVersion}`,
  }
}

const connectMs = 10_000

/**
 * Makes webhook requests through the guard of `fetch_url`: the address that is really reached is checked before a byte is
 * sent. No redirect is followed, no cookie kept, and of the answer nothing is read but its head.
 */
export function createSendWebhook(allowPrivateNetwork: boolean): SendWebhook {
  return async ({ url, headers, body }, signal) => {
    const dispatcher = await createGuardedDispatcher({ allowPrivateNetwork, connectMs })
    const { fetch } = await import('undici')
    try {
      const answer = await fetch(url, { method: 'POST', redirect: 'manual', dispatcher, signal, headers, body })
      return { status: answer.status, retryAfter: answer.headers.get('retry-after') }
    } catch (error) {
      signal.throwIfAborted()
      throw new WebhookSendError(reasonOf(error), error)
    } finally {
      await dispatcher.destroy()
    }
  }
}

/** undici says only "fetch failed"; what is worth telling is in its causes. */
function reasonOf(error: unknown): string {
  let innermost = error
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof AddressRefused)
      return `${cause.message}; MANDATE_ALLOW_PRIVATE_NETWORK=1 opens private networks`
    innermost = cause
  }
  if (!(innermost instanceof Error)) return 'no connection'
  return 'code' in innermost && typeof innermost.code === 'string' ? innermost.code : innermost.message
}
