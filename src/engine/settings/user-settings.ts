import type { User } from '../../domain/identity.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { blankName } from './agent-settings.ts'
import { withinLimit } from './within-limit.ts'

/** The model of who names none, by user or by team. */
export interface DefaultModel {
  readonly defaultProvider?: string | null
  readonly defaultModel?: string | null
}

/** Refuses a blank or long name and a default model that could not be called. */
export function checkDefaults(deps: EngineDeps, who: DefaultModel & { readonly name: string }): void {
  if (who.name.trim() === '') throw blankName()
  withinLimit(deps.limits, 'name_chars_max', 'name', who.name.length)
  const { defaultProvider: provider = null, defaultModel: model = null } = who
  if (provider || (model && model !== 'auto')) deps.models.resolve([{ provider, model }])
}

export interface UserSettings extends DefaultModel {
  readonly name?: string
  readonly email?: string | null
  readonly teamId?: string | null
}

/** Refuses a user who could not be kept as they are: `invalid_input`, `team_not_found`, `model_*`. */
export async function checkUser(deps: EngineDeps, user: User): Promise<void> {
  checkDefaults(deps, user)
  if (user.teamId !== null && (await deps.store.readTeam(user.teamId)) === undefined) {
    const fields = [{ field: 'team_id', message: 'must be the id of a team' }]
    throw new Refusal('team_not_found', 'There is no such team.', { fields })
  }
}
