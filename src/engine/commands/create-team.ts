import type { Team } from '../../domain/identity.ts'
import type { Principal } from '../../domain/principal.ts'
import type { Commit, IdempotentRequest } from '../../store/commit.ts'
import { commitOnce } from '../../store/commit-once.ts'
import { requireAdministrator } from '../access/require-administrator.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { checkDefaults, type DefaultModel } from '../settings/user-settings.ts'
import { changeTeamEndpoint } from '../webhooks/team-endpoint.ts'

/** The settings of a team. Those that are left out stay as they are. */
export interface TeamSettings extends DefaultModel {
  readonly name?: string
  readonly webhookUrl?: string | null
}

/** Creates a team without members. Refuses `role_forbidden` (only administrators may), `model_*`, `invalid_input`. */
export async function createTeam(
  deps: EngineDeps,
  principal: Principal,
  settings: TeamSettings & { readonly name: string },
  request?: IdempotentRequest,
): Promise<Team> {
  requireAdministrator(principal)
  const blank = { webhookUrl: null, defaultProvider: null, defaultModel: null }
  const team: Team = { ...blank, ...settings, id: deps.randomness.newId(), createdAt: deps.clock.now() }
  checkDefaults(deps, team)
  const endpoint = await changeTeamEndpoint(deps, principal, team)
  const commit: Commit = { write: [{ kind: 'insert_team', team }, ...endpoint.writes] }
  await commitOnce(deps.store, commit, request, { made: team })
  endpoint.committed()
  return team
}
