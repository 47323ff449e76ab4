import { may, type Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { type Endpoint, endedEvents } from '../../domain/webhook.ts'
import type { Commit, IdempotentRequest } from '../../store/commit.ts'
import { commitOnce } from '../../store/commit-once.ts'
import { readAgentFor } from '../access/read-agent.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { grantAnswerLinks } from '../prompts/answer-links.ts'
import { checkEndpointUrl, checkEventPatterns } from '../webhooks/check-endpoint.ts'
import { newSecret, type ShownSecret, toBeShown } from '../webhooks/webhook-secrets.ts'

/** A webhook that was made, with its own secret as only this installation can decrypt it. */
export interface CreatedWebhook {
  readonly endpoint: Endpoint
  readonly secret: ShownSecret
}

/** The request for a webhook. */
export interface CreateWebhook {
  readonly url: string
  /** Kinds of events, or patterns of them; undefined for the events that end a run. */
  readonly events: readonly string[] | undefined
  /** Only events of tasks with this agent are delivered; null for any agent. */
  readonly agentId: string | null
  /** The user who may answer prompts by one-time links; none are made where it is undefined. */
  readonly answerLinksFor?: string | undefined
}

/**
 * Subscribes a URL to events of the caller's own tasks. Every event that is committed after this resolves is delivered.
 * Answers with the endpoint's own secret. Refuses `role_forbidden`, `agent_not_found`,
 * `invalid_input`, `limit_exceeded`.
 */
export async function createWebhook(
  deps: EngineDeps,
  principal: Principal,
  { url, events = endedEvents, agentId, answerLinksFor }: CreateWebhook,
  request?: IdempotentRequest,
): Promise<CreatedWebhook> {
  if (!may(principal, 'submit')) {
    throw new Refusal('role_forbidden', `The role ${principal.role} may not create webhooks. Allowed: admin, operator.`)
  }
  checkEndpointUrl(deps, 'url', url)
  checkEventPatterns('events', events)
  const onlyAgent = agentId ?? principal.agentId
  if (onlyAgent !== null) await readAgentFor(deps, principal, onlyAgent)
  await checkCount(deps, principal)
  const answerLinks = answerLinksFor === undefined ? null : await grantAnswerLinks(deps, principal, answerLinksFor)
  const id = deps.randomness.newId()
  const now = deps.clock.now()
  const stored = newSecret(deps, `endpoint:${id}`)
  const endpoint: Endpoint = {
    id,
    ownerId: principal.userId,
    taskId: null,
    teamId: null,
    agentId: onlyAgent,
    url,
    events,
    format: 'standard',
    answerLinks,
    secretHolder: `endpoint:${id}`,
    state: 'active',
    disabledBecause: null,
    holdUntil: 0,
    createdAt: now,
    updatedAt: now,
  }
  // The outbox has it before the commit: an event that is committed right after it must already be promised.
  deps.outbox.refresh(endpoint)
  const created: CreatedWebhook = { endpoint, secret: toBeShown(stored) }
  const commit: Commit = {
    write: [
      { kind: 'insert_endpoint', endpoint },
      { kind: 'add_webhook_secret', secret: stored },
    ],
  }
  try {
    await commitOnce(deps.store, commit, request, { made: created })
  } catch (error) {
    deps.outbox.forget(id)
    throw error
  }
  return created
}

async function checkCount({ store, limits }: EngineDeps, { userId }: Principal): Promise<void> {
  const most = limits.webhooks_max
  const known = await store.listEndpoints(userId, { limit: most })
  if (known.length < most) return
  throw new Refusal('limit_exceeded', `There are ${most} webhooks already (webhooks_max). Delete one first.`, {
    limit: 'webhooks_max',
  })
}
