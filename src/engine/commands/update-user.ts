import type { User } from '../../domain/identity.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { requireAdministrator } from '../access/require-administrator.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { checkUser, type UserSettings } from '../settings/user-settings.ts'

/**
 * Changes the settings of a user that the request names. Their tasks and agents stay with the team they were made in. Refuses
 * `user_not_found`, `role_forbidden` (only administrators may), `team_not_found`, `model_*`.
 */
export async function updateUser(
  deps: Pick<EngineDeps, 'limits' | 'models' | 'store'>,
  principal: Principal,
  userId: string,
  settings: UserSettings,
): Promise<User> {
  requireAdministrator(principal)
  const before = await deps.store.readUser(userId)
  if (before === undefined) throw new Refusal('user_not_found', 'There is no such user.')
  const user: User = { ...before, ...settings }
  await checkUser(deps, user)
  await deps.store.commit({ write: [{ kind: 'save_user', user }] })
  return user
}
