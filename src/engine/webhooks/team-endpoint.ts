import type { Team } from '../../domain/identity.ts'
import type { Principal } from '../../domain/principal.ts'
import { type Endpoint, endedEvents } from '../../domain/webhook.ts'
import type { Write } from '../../store/commit.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { checkEndpointUrl } from './check-endpoint.ts'
import { newSecret } from './webhook-secrets.ts'

/** The change of a team's endpoint, as a part of the commit that saves the team. */
export interface TeamEndpointChange {
  /** The writes for the commit that saves the team. */
  readonly writes: readonly Write[]
  /** Is called after that commit. */
  committed(): void
}

/**
 * Follows a team's `webhook_url`: its endpoint gets the events that end runs of the team's tasks, as far as these are shown
 * to the team. Refuses `invalid_input` (`webhook_url`).
 */
export async function changeTeamEndpoint(
  deps: EngineDeps,
  principal: Principal,
  team: Team,
): Promise<TeamEndpointChange> {
  const { outbox, store, clock } = deps
  const { webhookUrl: url } = team
  const before = await store.readTeamEndpoint(team.id)
  if (url === (before?.url ?? null)) return { writes: [], committed: () => undefined }
  if (url === null) {
    const id = before?.id ?? ''
    return { writes: [{ kind: 'delete_endpoint', endpoint: id }], committed: () => outbox.forget(id) }
  }
  checkEndpointUrl(deps, 'webhook_url', url)
  if (before !== undefined) {
    const updatedAt = Math.max(clock.now(), before.updatedAt + 1)
    const endpoint: Endpoint = { ...before, url, state: 'active', disabledBecause: null, holdUntil: 0, updatedAt }
    outbox.refresh(endpoint)
    return { writes: [{ kind: 'save_endpoint', endpoint }], committed: outbox.wake }
  }
  return addTeamEndpoint(deps, principal, team.id, url)
}

function addTeamEndpoint(deps: EngineDeps, principal: Principal, teamId: string, url: string): TeamEndpointChange {
  const id = deps.randomness.newId()
  const now = deps.clock.now()
  const endpoint: Endpoint = {
    id,
    ownerId: principal.userId,
    taskId: null,
    teamId,
    agentId: null,
    url,
    events: endedEvents,
    format: 'team',
    answerLinks: null,
    secretHolder: `endpoint:${id}`,
    state: 'active',
    disabledBecause: null,
    holdUntil: 0,
    createdAt: now,
    updatedAt: now,
  }
  const stored = newSecret(deps, `endpoint:${id}`)
  const writes: Write[] = [
    { kind: 'insert_endpoint', endpoint },
    { kind: 'add_webhook_secret', secret: stored },
  ]
  // The outbox has it before the commit: an event that is committed right after it must already be promised.
  deps.outbox.refresh(endpoint)
  return { writes, committed: () => undefined }
}
