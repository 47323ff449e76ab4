import type { User } from '../../domain/identity.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { ServerDeps } from '../server-deps.ts'
import { checkDefaults, type DefaultModel } from './check-defaults.ts'

export interface UserSettings extends DefaultModel {
  readonly name?: string
  readonly email?: string | null
  readonly teamId?: string | null
}

/** Refuses a user who could not be kept as they are: `invalid_input`, `team_not_found`, `model_*`. */
export async function checkUser(deps: ServerDeps, user: User): Promise<void> {
  checkDefaults(deps, user)
  if (user.teamId !== null && (await deps.store.readTeam(user.teamId)) === undefined) {
    const fields = [{ field: 'team_id', message: 'must be the id of a team' }]
    throw new Refusal('team_not_found', 'There is no such team.', { fields })
  }
}
