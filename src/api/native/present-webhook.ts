import type { Delivery } from '../../domain/delivery.ts'
import { type Endpoint, webhookTypeOf } from '../../domain/webhook.ts'
import { instantOf, instantOrNull } from '../edge/instants.ts'
import type { DeliveryView, WebhookView } from './contract/webhook.ts'

/** Shows a webhook, without its secret. */
export function webhookView(endpoint: Endpoint): WebhookView {
  return {
    id: endpoint.id,
    owner: endpoint.ownerId,
    task_id: endpoint.taskId,
    team_id: endpoint.teamId,
    agent_id: endpoint.agentId,
    url: endpoint.url,
    events: [...endpoint.events],
    format: endpoint.format,
    answer_links: endpoint.answerLinks && { user_id: endpoint.answerLinks.userId },
    state: endpoint.state,
    disabled_because: endpoint.disabledBecause,
    created_at: instantOf(endpoint.createdAt),
    updated_at: instantOf(endpoint.updatedAt),
  }
}

/** Shows a delivery. Instants are RFC 3339 in UTC. */
export function deliveryView(delivery: Delivery): DeliveryView {
  return {
    id: delivery.id,
    webhook_id: delivery.endpointId,
    task_id: delivery.taskId,
    seq: delivery.seq,
    type: webhookTypeOf(delivery.kind),
    state: delivery.state,
    attempts: delivery.attempts,
    next_attempt_at: instantOrNull(delivery.nextAt),
    tries: delivery.tries.map(({ at, durationMs, status, error }) => ({
      at: instantOf(at),
      duration_ms: durationMs,
      status,
      error,
    })),
    created_at: instantOf(delivery.createdAt),
    settled_at: instantOrNull(delivery.settledAt),
  }
}
