import type { Team } from '../../domain/identity.ts'
import type { Principal } from '../../domain/principal.ts'
import { requireAdministrator } from '../require-administrator.ts'
import type { ServerRooms } from '../server-rooms.ts'
import { changeTeamEndpoint } from '../webhooks/team-endpoint.ts'
import { checkDefaults, type DefaultModel } from './check-defaults.ts'

export interface TeamSettings extends DefaultModel {
  readonly name?: string
  readonly webhookUrl?: string | null
}

/** A new team, without any member yet. Administrators only. Refuses `role_forbidden`, `model_*`, `invalid_input`. */
export async function createTeam(
  rooms: ServerRooms,
  principal: Principal,
  settings: TeamSettings & { readonly name: string },
): Promise<Team> {
  requireAdministrator(principal)
  const blank = { webhookUrl: null, defaultProvider: null, defaultModel: null }
  const team: Team = { ...blank, ...settings, id: rooms.randomness.newId(), createdAt: rooms.clock.now() }
  checkDefaults(rooms, team)
  const endpoint = await changeTeamEndpoint(rooms, principal, team)
  await rooms.store.commit({ write: [{ kind: 'insert_team', team }, ...endpoint.writes] })
  endpoint.committed()
  return team
}
