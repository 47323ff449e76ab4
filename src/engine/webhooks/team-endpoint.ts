import type { Team } from '../../domain/identity.ts'
import type { Principal } from '../../domain/principal.ts'
import { type Endpoint, endedEvents } from '../../domain/webhook.ts'
import type { Write } from '../../store/commit.ts'
import type { ServerRooms } from '../server-rooms.ts'
import { checkEndpointUrl } from './check-endpoint.ts'
import { newSecret } from './webhook-secrets.ts'

export interface TeamEndpointChange {
  /** To be written in the commit that saves the team. */
  readonly writes: readonly Write[]
  /** To be called after that commit. */
  committed(): void
}

/**
 * What a team's `webhook_url` takes besides its row: an endpoint that gets the events which end runs of the team's tasks, as
 * far as these are shown to it. Refuses `invalid_input` (`webhook_url`).
 */
export async function changeTeamEndpoint(
  rooms: ServerRooms,
  principal: Principal,
  team: Team,
): Promise<TeamEndpointChange> {
  const { outbox, store, clock } = rooms
  const { webhookUrl: url } = team
  const before = await store.readTeamEndpoint(team.id)
  if (url === (before?.url ?? null)) return { writes: [], committed: () => undefined }
  if (url === null) {
    const id = before?.id ?? ''
    return { writes: [{ kind: 'delete_endpoint', endpoint: id }], committed: () => outbox.forget(id) }
  }
  checkEndpointUrl(rooms, 'webhook_url', url)
  if (before !== undefined) {
    const updatedAt = Math.max(clock.now(), before.updatedAt + 1)
    const endpoint: Endpoint = { ...before, url, state: 'active', disabledBecause: null, holdUntil: 0, updatedAt }
    outbox.learn(endpoint)
    return { writes: [{ kind: 'save_endpoint', endpoint }], committed: outbox.nudge }
  }
  return addTeamEndpoint(rooms, principal, team.id, url)
}

function addTeamEndpoint(rooms: ServerRooms, principal: Principal, teamId: string, url: string): TeamEndpointChange {
  const id = rooms.randomness.newId()
  const now = rooms.clock.now()
  const endpoint: Endpoint = {
    id,
    ownerId: principal.userId,
    taskId: null,
    teamId,
    agentId: null,
    url,
    events: endedEvents,
    format: 'team',
    secretHolder: `endpoint:${id}`,
    state: 'active',
    disabledBecause: null,
    holdUntil: 0,
    createdAt: now,
    updatedAt: now,
  }
  const { stored } = newSecret(rooms, `endpoint:${id}`)
  const writes: Write[] = [
    { kind: 'insert_endpoint', endpoint },
    { kind: 'add_webhook_secret', secret: stored },
  ]
  // Before the commit: an event that is committed right behind it must be promised already.
  rooms.outbox.learn(endpoint)
  return { writes, committed: () => undefined }
}
