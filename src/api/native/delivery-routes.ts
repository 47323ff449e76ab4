import { Type } from 'typebox'
import { replayDelivery } from '../../engine/commands/replay-delivery.ts'
import { listDeliveries } from '../../engine/queries/list-webhooks.ts'
import type { IdempotentRequest } from '../../store/commit.ts'
import { idempotencyRefusals, makeOnce } from '../edge/answer-once.ts'
import { json } from '../edge/define-refusals.ts'
import { pageOf, pageRequest } from '../edge/pages.ts'
import { answers, IdSchema } from './answers.ts'
import { DeliveryPageSchema, DeliveryQuerySchema, DeliverySchema } from './contract/webhook.ts'
import type { NativeApp, NativeContext } from './native-context.ts'
import { deliveryView } from './present-webhook.ts'

const DeliveryIdSchema = Type.Object({ id: Type.String(), delivery: Type.String() })

/** Adds the routes that list the deliveries of a webhook with every attempt, and repeat one. */
export function addDeliveryRoutes(app: NativeApp, { deps }: NativeContext): void {
  const listed = answers({ 200: json('A page of deliveries.', DeliveryPageSchema) }, [
    'webhook_not_found',
    'invalid_input',
  ])
  app.get(
    '/v1/webhooks/:id/deliveries',
    {
      schema: {
        summary: 'List deliveries with their tries, newest first',
        params: IdSchema,
        querystring: DeliveryQuerySchema,
        response: listed,
      },
    },
    async ({ principal, params, query }) => {
      const request = pageRequest(deps.limits, 'created_at', query)
      const rows = await listDeliveries(deps, principal, params.id, query.state, request)
      const page = pageOf('created_at', rows, request)
      return { deliveries: page.rows.map(deliveryView), has_more: page.has_more, next_cursor: page.next_cursor }
    },
  )
  const replayed = answers({ 202: json('The delivery, pending again.', DeliverySchema) }, [
    'webhook_not_found',
    'delivery_not_found',
    'role_forbidden',
    'task_busy',
    ...idempotencyRefusals,
  ])
  app.post(
    '/v1/webhooks/:id/deliveries/:delivery/replay',
    { schema: { summary: 'Deliver again, under the same id', params: DeliveryIdSchema, response: replayed } },
    async (request, reply) => {
      const { principal, params } = request
      const again = (once?: IdempotentRequest) => replayDelivery(deps, principal, params.id, params.delivery, once)
      const delivery = await makeOnce(request, reply, again)
      return reply.code(202).send(deliveryView(delivery))
    },
  )
}
