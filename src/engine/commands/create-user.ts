import type { User } from '../../domain/identity.ts'
import type { Principal } from '../../domain/principal.ts'
import { requireAdministrator } from '../require-administrator.ts'
import type { ServerRooms } from '../server-rooms.ts'
import { checkUser, type UserSettings } from './user-settings.ts'

/** A new user, without any key yet. Administrators only. Refuses `role_forbidden`, `team_not_found`, `model_*`. */
export async function createUser(
  rooms: ServerRooms,
  principal: Principal,
  settings: UserSettings & { readonly name: string },
): Promise<User> {
  requireAdministrator(principal)
  const blank = { email: null, teamId: null, defaultProvider: null, defaultModel: null }
  const user: User = { ...blank, ...settings, id: rooms.randomness.newId(), createdAt: rooms.clock.now() }
  await checkUser(rooms, user)
  await rooms.store.commit({ write: [{ kind: 'insert_user', user }] })
  return user
}
