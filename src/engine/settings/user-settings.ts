import type { User } from '../../domain/identity.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { blankName } from './agent-settings.ts'
import { withinLimit } from './within-limit.ts'

/** The model for requests that name none, by user or by team. */
export interface DefaultModel {
  readonly defaultProvider?: string | null
  readonly defaultModel?: string | null
}

/** Refuses a blank or long name (`invalid_input`) and a default model that could not be called (`model_*`). */
export function checkDefaults(
  deps: Pick<EngineDeps, 'limits' | 'models'>,
  who: DefaultModel & { readonly name: string },
): void {
  if (who.name.trim() === '') throw blankName()
  withinLimit(deps.limits, 'name_chars_max', 'name', who.name.length)
  const { defaultProvider: provider = null, defaultModel: model = null } = who
  if (provider || (model && model !== 'auto')) deps.models.resolve([{ provider, model }])
}

/** The settings of a user. Those that are left out stay as they are. */
export interface UserSettings extends DefaultModel {
  readonly name?: string
  readonly email?: string | null
  readonly teamId?: string | null
}

/** Refuses a user with invalid settings: `invalid_input`, `team_not_found`, `model_*`. */
export async function checkUser(deps: Pick<EngineDeps, 'limits' | 'models' | 'store'>, user: User): Promise<void> {
  checkDefaults(deps, user)
  if (user.teamId !== null && (await deps.store.readTeam(user.teamId)) === undefined) {
    const fields = [{ field: 'team_id', message: 'must be the id of a team' }]
    throw new Refusal('team_not_found', 'There is no such team.', { fields })
  }
}
