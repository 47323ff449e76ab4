import type { AnswerLinks } from '../../domain/answer-link.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { Endpoint, EndpointState } from '../../domain/webhook.ts'
import { endpointAt } from '../../store/commit.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { grantAnswerLinks } from '../prompts/answer-links.ts'
import { retryChanged } from '../retry-changed.ts'
import { checkEndpointUrl, checkEventPatterns } from '../webhooks/check-endpoint.ts'
import { readEndpointToChange } from '../webhooks/read-endpoint-for.ts'

/** The settings of a webhook. Those that are left out stay as they are. */
export interface WebhookSettings {
  readonly url?: string
  readonly events?: readonly string[]
  readonly state?: EndpointState
  /** The user who may answer prompts by one-time links, or null for nobody. */
  readonly answerLinksFor?: string | null | undefined
}

/**
 * Changes a webhook. While it is disabled it keeps its pending deliveries, and no new event is promised to it; active again,
 * it goes on with the pending ones at once. A task's or a team's own webhook can only be disabled and enabled. Refuses
 * `webhook_not_found`, `role_forbidden`, `invalid_input`.
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
    const answerLinks = await changedLinks(deps, principal, before, settings)
    const next = { ...changed(before, settings, deps.clock.now()), answerLinks }
    // The outbox has it before the commit: an event that is committed right after it must already be promised.
    deps.outbox.refresh(next)
    const saved = await save(deps, before, next).catch((error: unknown) => {
      deps.outbox.refresh(before)
      throw error
    })
    return saved ? next : undefined
  })
  deps.outbox.wake()
  return endpoint
}

async function save({ store }: Pick<EngineDeps, 'store'>, before: Endpoint, next: Endpoint): Promise<boolean> {
  const outcome = await store.commit({
    require: [endpointAt(before.id, before.updatedAt)],
    write: [{ kind: 'save_endpoint', endpoint: next }],
  })
  return outcome.committed
}

/**
 * The links after the change. Who could not have them made may not lead them elsewhere either: the URL of a webhook whose
 * links others asked for is changed without them only.
 */
async function changedLinks(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  { answerLinks }: Endpoint,
  { url, answerLinksFor }: WebhookSettings,
): Promise<AnswerLinks | null> {
  if (answerLinksFor === null) return null
  if (answerLinksFor !== undefined) return await grantAnswerLinks(deps, principal, answerLinksFor)
  if (url !== undefined && answerLinks !== null) return await grantAnswerLinks(deps, principal, answerLinks.userId)
  return answerLinks
}

function checkSettings(
  deps: Pick<EngineDeps, 'webhooks'>,
  before: Endpoint,
  { url, events, answerLinksFor }: WebhookSettings,
): void {
  const owner = before.taskId !== null ? 'task' : 'team'
  if (before.taskId !== null || before.teamId !== null) {
    for (const [field, value] of Object.entries({ url, events, answer_links: answerLinksFor })) {
      if (value === undefined) continue
      const message = `cannot be changed here: the webhook belongs to a ${owner}`
      throw new Refusal('invalid_input', `${field} ${message}.`, { fields: [{ field, message }] })
    }
  }
  if (url !== undefined) checkEndpointUrl(deps, 'url', url)
  if (events !== undefined) checkEventPatterns('events', events)
}

/** A receiver may have asked to wait (`holdUntil`). Its owner's change ends that. */
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
