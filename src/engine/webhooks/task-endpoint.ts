import type { Principal } from '../../domain/principal.ts'
import { type Endpoint, type EndpointFormat, endedEvents } from '../../domain/webhook.ts'
import type { Write } from '../../store/commit.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { checkEndpointUrl, checkEventPatterns } from './check-endpoint.ts'
import { holderOf, newSecret } from './webhook-secrets.ts'

/** The request for a task's own webhook: its URL, and the format of its bodies. */
export interface TaskWebhookRequest {
  readonly url: string
  readonly format: EndpointFormat
  /** Kinds of events, or patterns of them; the events that end a run where they are left out. */
  readonly events?: readonly string[] | undefined
}

/** The endpoint of a task that is about to be submitted. */
export interface TaskEndpoint {
  readonly endpoint: Endpoint
  /** Returns the writes that belong into the commit that makes the task. */
  writes(taskId: string): Write[]
}

/**
 * Opens the endpoint of a task that is about to be submitted. It signs with the secret of the key that is used, which gets
 * one if it has none. Writes nothing. Refuses `invalid_input` (`webhook_url`).
 */
export async function openTaskEndpoint(
  deps: EngineDeps,
  principal: Principal,
  agentId: string,
  { url, format, events = endedEvents }: TaskWebhookRequest,
): Promise<TaskEndpoint> {
  checkEndpointUrl(deps, 'webhook_url', url)
  checkEventPatterns('webhook_events', events)
  const holder = holderOf(principal)
  const known = await deps.store.readWebhookSecret(holder)
  const now = deps.clock.now()
  const endpoint: Endpoint = {
    id: deps.randomness.newId(),
    ownerId: principal.userId,
    taskId: null,
    teamId: null,
    agentId,
    url,
    events,
    format,
    answerLinks: null,
    secretHolder: holder,
    state: 'active',
    disabledBecause: null,
    holdUntil: 0,
    createdAt: now,
    updatedAt: now,
  }
  const secret: Write[] = known === undefined ? [{ kind: 'add_webhook_secret', secret: newSecret(deps, holder) }] : []
  return {
    endpoint,
    writes: (taskId) => [{ kind: 'insert_endpoint', endpoint: { ...endpoint, taskId } }, ...secret],
  }
}
