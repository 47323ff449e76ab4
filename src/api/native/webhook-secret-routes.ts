import type { FastifyReply } from 'fastify'
import type { Principal } from '../../domain/principal.ts'
import type { SecretHolder } from '../../domain/webhook.ts'
import { keySecretHolder } from '../../engine/webhooks/key-secret-holder.ts'
import { readEndpointToChange } from '../../engine/webhooks/read-endpoint-for.ts'
import { ensureSecret, openShown, readSigningKey, rotateSecret } from '../../engine/webhooks/webhook-secrets.ts'
import { idempotencyRefusals, makeOnce } from '../edge/answer-once.ts'
import { json } from '../edge/define-refusals.ts'
import { answers, IdSchema } from './answers.ts'
import { WebhookSecretSchema, type WebhookSecretView } from './contract/webhook.ts'
import type { NativeApp, NativeContext } from './native-context.ts'

/**
 * Adds the routes of the secrets that sign deliveries: the secret of a key for the tasks that were submitted with it,
 * and the secret of a webhook. The key `current` is the credential of the request. A replaced secret signs beside the
 * new one for a while.
 */
export function addWebhookSecretRoutes(app: NativeApp, context: NativeContext): void {
  const { deps } = context
  const ofKey = (principal: Principal, id: string) => keySecretHolder(deps, principal, id)
  addRoutesAt(app, context, '/v1/keys/:id/webhook-secret', 'key_not_found', ofKey)
  const ofWebhook = async (principal: Principal, id: string) =>
    (await readEndpointToChange(deps, principal, id)).secretHolder
  addRoutesAt(app, context, '/v1/webhooks/:id/secret', 'webhook_not_found', ofWebhook)
}

function addRoutesAt(
  app: NativeApp,
  { deps }: NativeContext,
  path: `/v1/${string}`,
  absent: 'key_not_found' | 'webhook_not_found',
  holderFor: (principal: Principal, id: string) => Promise<SecretHolder>,
): void {
  const send = async (reply: FastifyReply, secret: string) => {
    const { publicKey } = await readSigningKey(deps)
    const view: WebhookSecretView = { secret, public_key: publicKey }
    return reply.header('cache-control', 'no-store').send(view)
  }
  const response = answers({ 200: json('The secret.', WebhookSecretSchema) }, [absent, 'role_forbidden'])
  const params = IdSchema
  app.get(path, { schema: { summary: 'Read a webhook secret', params, response } }, async (request, reply) =>
    send(reply, await ensureSecret(deps, await holderFor(request.principal, request.params.id))),
  )
  const summary = 'Replace a webhook secret; the one before signs beside it for a while'
  const rotated = answers({ 200: json('The secret.', WebhookSecretSchema) }, [
    absent,
    'role_forbidden',
    ...idempotencyRefusals,
  ])
  app.post(`${path}/rotate`, { schema: { summary, params, response: rotated } }, async (request, reply) => {
    const holder = await holderFor(request.principal, request.params.id)
    const shown = await makeOnce(request, reply, (once) => rotateSecret(deps, holder, once))
    return send(reply, openShown(deps, shown))
  })
}
