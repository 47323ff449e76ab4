import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { Endpoint, EndpointState } from '../../domain/webhook.ts'
import { endpointAt } from '../../store/commit.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { retryChanged } from '../retry-changed.ts'
import { checkEndpointUrl, checkEventPatterns } from '../webhooks/check-endpoint.ts'
import { readEndpointToChange } from '../webhooks/read-endpoint-for.ts'

export interface WebhookSettings {
  readonly url?: string
  readonly events?: readonly string[]
  readonly state?: EndpointState
}

/**
 * Changes a webhook. Disabled it keeps what is pending, and events in the meantime are not promised to it; active again it
 * goes on with what is pending, at once. A task's or a team's own can only be disabled and enabled.
 * Refuses `webhook_not_found`, `role_forbidden`, `invalid_input`.
 */
export async function updateWebhook(
  deps: EngineDeps,
  principal: Principal,
  id: string,
  settings: WebhookSettings,
): Promise<Endpoint> {
  const endpoint = await retryChanged(async () => {
    const before = await readEndpointToChange(deps, principal, id)
    checkSettings(deps, before, settings)
    const next = changed(before, settings, deps.clock.now())
    // Before the commit: an event that is committed right behind it must be promised already.
    deps.outbox.learn(next)
    const saved = await save(deps, before, next).catch((error: unknown) => {
      deps.outbox.learn(before)
      throw error
    })
    return saved ? next : undefined
  })
  deps.outbox.wake()
  return endpoint
}

async function save({ store }: EngineDeps, before: Endpoint, next: Endpoint): Promise<boolean> {
  const outcome = await store.commit({
    require: [endpointAt(before.id, before.updatedAt)],
    write: [{ kind: 'save_endpoint', endpoint: next }],
  })
  return outcome.committed
}

function checkSettings(deps: EngineDeps, before: Endpoint, { url, events }: WebhookSettings): void {
  const owner = before.taskId !== null ? 'task' : 'team'
  if (before.taskId !== null || before.teamId !== null) {
    for (const [field, value] of Object.entries({ url, events })) {
      if (value === undefined) continue
      const message = `cannot be changed here: the webhook belongs to a ${owner}`
      throw new Refusal('invalid_input', `${field} ${message}.`, { fields: [{ field, message }] })
    }
  }
  if (url !== undefined) checkEndpointUrl(deps, 'url', url)
  if (events !== undefined) checkEventPatterns('events', events)
}

/** What was asked to wait is not held back any longer once its owner says so. */
function changed(before: Endpoint, { url, events, state = before.state }: WebhookSettings, now: number): Endpoint {
  return {
    ...before,
    url: url ?? before.url,
    events: events ?? before.events,
    state,
    disabledBecause: state === 'active' ? null : (before.disabledBecause ?? 'by_hand'),
    holdUntil: 0,
    updatedAt: Math.max(now, before.updatedAt + 1),
  }
}
