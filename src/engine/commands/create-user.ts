import type { User } from '../../domain/identity.ts'
import type { Principal } from '../../domain/principal.ts'
import type { IdempotentRequest } from '../../store/commit.ts'
import { commitOnce } from '../../store/commit-once.ts'
import { requireAdministrator } from '../access/require-administrator.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { checkUser, type UserSettings } from '../settings/user-settings.ts'

/** Creates a user without keys. Refuses `role_forbidden` (only administrators may), `team_not_found`, `model_*`. */
export async function createUser(
  deps: EngineDeps,
  principal: Principal,
  settings: UserSettings & { readonly name: string },
  request?: IdempotentRequest,
): Promise<User> {
  requireAdministrator(principal)
  const blank = { email: null, teamId: null, defaultProvider: null, defaultModel: null }
  const user: User = { ...blank, ...settings, id: deps.randomness.newId(), createdAt: deps.clock.now() }
  await checkUser(deps, user)
  await commitOnce(deps.store, { write: [{ kind: 'insert_user', user }] }, request, { made: user })
  return user
}
