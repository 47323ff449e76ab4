import { createWebhook } from '../../engine/commands/create-webhook.ts'
import { deleteWebhook } from '../../engine/commands/delete-webhook.ts'
import { updateWebhook } from '../../engine/commands/update-webhook.ts'
import { listTaskWebhooks, listWebhooks } from '../../engine/queries/list-webhooks.ts'
import { readEndpointFor } from '../../engine/webhooks/read-endpoint-for.ts'
import { openShown, readSigningKey } from '../../engine/webhooks/webhook-secrets.ts'
import type { IdempotentRequest } from '../../store/commit.ts'
import { idempotencyRefusals, makeOnce } from '../edge/answer-once.ts'
import { json } from '../edge/define-refusals.ts'
import { pageOf, pageRequest } from '../edge/pages.ts'
import { answers, answersToBody, IdSchema } from './answers.ts'
import {
  CreatedWebhookSchema,
  CreateWebhookSchema,
  UpdateWebhookSchema,
  WebhookPageSchema,
  WebhookQuerySchema,
  WebhookSchema,
} from './contract/webhook.ts'
import type { NativeApp, NativeContext } from './native-context.ts'
import { webhookView } from './present-webhook.ts'

/**
 * Adds the routes of webhooks: subscriptions to the tasks of the caller, and the webhooks of single tasks and of
 * teams.
 */
export function addWebhookRoutes(app: NativeApp, context: NativeContext): void {
  addCreateRoute(app, context)
  addListRoute(app, context)
  const { deps } = context
  const read = answers({ 200: json('The webhook.', WebhookSchema) }, ['webhook_not_found'])
  app.get(
    '/v1/webhooks/:id',
    { schema: { summary: 'Read a webhook', params: IdSchema, response: read } },
    async ({ principal, params }) => webhookView(await readEndpointFor(deps, principal, params.id)),
  )
  const changed = answersToBody({ 200: json('The webhook after it.', WebhookSchema) }, [
    'webhook_not_found',
    'role_forbidden',
    'task_busy',
  ])
  app.patch(
    '/v1/webhooks/:id',
    {
      schema: {
        summary: 'Change a webhook; disabled it keeps what is pending, active again it goes on',
        params: IdSchema,
        body: UpdateWebhookSchema,
        response: changed,
      },
    },
    async ({ principal, params, body: { answer_links, ...settings } }) => {
      const answerLinksFor = answer_links === undefined ? undefined : (answer_links?.user_id ?? null)
      return webhookView(await updateWebhook(deps, principal, params.id, { ...settings, answerLinksFor }))
    },
  )
  const deleted = answers({ 204: { description: 'It is gone, and so is what was pending.' } }, [
    'webhook_not_found',
    'role_forbidden',
    'invalid_input',
  ])
  app.delete(
    '/v1/webhooks/:id',
    { schema: { summary: 'Delete a webhook and its deliveries', params: IdSchema, response: deleted } },
    async ({ principal, params }, reply) => {
      await deleteWebhook(deps, principal, params.id)
      return reply.code(204).send()
    },
  )
}

function addCreateRoute(app: NativeApp, { deps }: NativeContext): void {
  const response = answersToBody({ 201: json('The webhook, with its secret.', CreatedWebhookSchema) }, [
    'role_forbidden',
    'agent_not_found',
    'limit_exceeded',
    ...idempotencyRefusals,
  ])
  const schema = { summary: 'Subscribe a URL to events of your tasks', body: CreateWebhookSchema, response }
  app.post('/v1/webhooks', { schema }, async (request, reply) => {
    const { principal, body } = request
    const { url, events, agent_id, answer_links } = body
    const webhook = { url, events, agentId: agent_id ?? null, answerLinksFor: answer_links?.user_id }
    const create = (once?: IdempotentRequest) => createWebhook(deps, principal, webhook, once)
    const { endpoint, secret: shown } = await makeOnce(request, reply, create)
    const secret = openShown(deps, shown)
    const { publicKey } = await readSigningKey(deps)
    // Caches must not store an answer that holds a secret.
    return reply
      .code(201)
      .header('cache-control', 'no-store')
      .send({ ...webhookView(endpoint), secret, public_key: publicKey })
  })
}

function addListRoute(app: NativeApp, { deps }: NativeContext): void {
  const response = answers({ 200: json('A page of webhooks.', WebhookPageSchema) }, ['invalid_input', 'task_not_found'])
  const summary = 'List webhooks, newest first; with task_id, the one that task was submitted with'
  const schema = { summary, querystring: WebhookQuerySchema, response }
  app.get('/v1/webhooks', { schema }, async ({ principal, query }) => {
    if (query.task_id !== undefined) {
      const webhooks = await listTaskWebhooks(deps, principal, query.task_id)
      return { webhooks: webhooks.map(webhookView), has_more: false, next_cursor: null }
    }
    const request = pageRequest(deps.limits, 'created_at', query)
    const page = pageOf('created_at', await listWebhooks(deps, principal, request), request)
    return { webhooks: page.rows.map(webhookView), has_more: page.has_more, next_cursor: page.next_cursor }
  })
}
