import type { Team } from '../../domain/identity.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { requireAdministrator } from '../access/require-administrator.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { checkDefaults } from '../settings/user-settings.ts'
import { changeTeamEndpoint } from '../webhooks/team-endpoint.ts'
import type { TeamSettings } from './create-team.ts'

/**
 * Changes the settings of a team that the request names. Refuses `team_not_found`, `role_forbidden` (only administrators
 * may), `model_*`, `invalid_input`.
 */
export async function updateTeam(
  deps: EngineDeps,
  principal: Principal,
  teamId: string,
  settings: TeamSettings,
): Promise<Team> {
  requireAdministrator(principal)
  const before = await deps.store.readTeam(teamId)
  if (before === undefined) throw new Refusal('team_not_found', 'There is no such team.')
  const team: Team = { ...before, ...settings }
  checkDefaults(deps, team)
  const endpoint = await changeTeamEndpoint(deps, principal, team)
  await deps.store.commit({ write: [{ kind: 'save_team', team }, ...endpoint.writes] })
  endpoint.committed()
  return team
}
