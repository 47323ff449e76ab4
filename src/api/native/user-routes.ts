import { Refusal } from '../../domain/refusal.ts'
import { requireAdministrator } from '../../engine/access/require-administrator.ts'
import { createUser } from '../../engine/commands/create-user.ts'
import { updateUser } from '../../engine/commands/update-user.ts'
import type { UserSettings } from '../../engine/settings/user-settings.ts'
import { idempotencyRefusals, makeOnce } from '../edge/answer-once.ts'
import { json } from '../edge/define-refusals.ts'
import { pageOf, pageRequest } from '../edge/pages.ts'
import { answers, answersToBody, IdSchema } from './answers.ts'
import { PageQuerySchema } from './contract/agent.ts'
import { CreateUserSchema, type UpdateUser, UpdateUserSchema, UserPageSchema, UserSchema } from './contract/identity.ts'
import type { NativeApp, NativeContext } from './native-context.ts'
import { userView } from './present-identity.ts'

const refusals = ['role_forbidden', 'team_not_found', 'model_unknown', 'model_key_missing', 'model_unpriced'] as const

/** Adds the routes of users, which are for administrators. */
export function addUserRoutes(app: NativeApp, { deps, auth }: NativeContext): void {
  const created = answersToBody({ 201: json('The user.', UserSchema) }, [...refusals, ...idempotencyRefusals])
  app.post(
    '/v1/users',
    { schema: { summary: 'Create a user', body: CreateUserSchema, response: created } },
    async (request, reply) => {
      const { principal, body } = request
      const settings = { ...settingsOf(body), name: body.name }
      const user = await makeOnce(request, reply, (once) => createUser(deps, principal, settings, once))
      return reply.code(201).send(userView(user))
    },
  )
  const listed = answers({ 200: json('A page of users.', UserPageSchema) }, ['role_forbidden', 'invalid_input'])
  app.get(
    '/v1/users',
    { schema: { summary: 'List users, newest first', querystring: PageQuerySchema, response: listed } },
    async ({ principal, query }) => {
      requireAdministrator(principal)
      const request = pageRequest(deps.limits, 'created_at', query)
      const page = pageOf('created_at', await deps.store.listUsers(request), request)
      return { users: page.rows.map(userView), has_more: page.has_more, next_cursor: page.next_cursor }
    },
  )
  const read = answers({ 200: json('The user.', UserSchema) }, ['role_forbidden', 'user_not_found'])
  app.get(
    '/v1/users/:id',
    { schema: { summary: 'Read a user', params: IdSchema, response: read } },
    async ({ principal, params }) => {
      requireAdministrator(principal)
      const user = await deps.store.readUser(params.id)
      if (user === undefined) throw new Refusal('user_not_found', 'There is no such user.')
      return userView(user)
    },
  )
  const changed = answersToBody({ 200: json('The user after it.', UserSchema) }, ['user_not_found', ...refusals])
  app.patch(
    '/v1/users/:id',
    { schema: { summary: 'Change a user', params: IdSchema, body: UpdateUserSchema, response: changed } },
    async ({ principal, params, body }) => {
      const user = await updateUser(deps, principal, params.id, settingsOf(body))
      auth.forget()
      return userView(user)
    },
  )
}

function settingsOf({ team_id, default_provider, default_model, ...same }: UpdateUser): UserSettings {
  return {
    ...same,
    ...(team_id !== undefined && { teamId: team_id }),
    ...(default_provider !== undefined && { defaultProvider: default_provider }),
    ...(default_model !== undefined && { defaultModel: default_model }),
  }
}
