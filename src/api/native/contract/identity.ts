import { type Static, Type } from 'typebox'
import { roles } from '../../../domain/principal.ts'
import { instant, nullable, strict, uuid } from './fields.ts'
import { DialectSchema } from './task.ts'

const RoleSchema = Type.Enum([...roles])

const page = { has_more: Type.Boolean(), next_cursor: nullable(Type.String()) }

/** A key without its secret. `prefix` is the part by which people recognise it. */
export const KeySchema = Type.Object({
  id: uuid(),
  name: Type.String(),
  dialect: DialectSchema,
  prefix: Type.String({ description: 'The part of the key that is not secret.' }),
  user_id: Type.String(),
  agent_id: nullable(uuid()),
  role: RoleSchema,
  created_at: instant(),
  revoked_at: nullable(instant()),
})
export type KeyView = Static<typeof KeySchema>

/** The answer to creating a key: the only time the whole key is shown. */
export const CreatedKeySchema = Type.Object({
  ...KeySchema.properties,
  key: Type.String(),
  webhook_secret: Type.String({ description: "Signs what its tasks' own webhooks get; can be read again." }),
})
export type CreatedKey = Static<typeof CreatedKeySchema>

/** A page of keys, newest first. */
export const KeyPageSchema = Type.Object({ keys: Type.Array(KeySchema), ...page })
export type KeyPage = Static<typeof KeyPageSchema>

/** Without `user_id` for the caller; without `role`: operator, or the caller's own where that is less. */
export const CreateKeySchema = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    dialect: Type.Optional(DialectSchema),
    user_id: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    agent_id: Type.Optional(nullable(uuid())),
    role: Type.Optional(RoleSchema),
  },
  strict,
)
export type CreateKey = Static<typeof CreateKeySchema>

const defaults = { default_provider: nullable(Type.String()), default_model: nullable(Type.String()) }
const defaultsGiven = {
  default_provider: Type.Optional(nullable(Type.String({ maxLength: 200 }))),
  default_model: Type.Optional(nullable(Type.String({ maxLength: 200 }))),
}

/** A user of the server. */
export const UserSchema = Type.Object({
  id: Type.String({ description: 'A UUID, or what an identity provider calls the user.' }),
  name: Type.String(),
  email: nullable(Type.String()),
  team_id: nullable(uuid()),
  ...defaults,
  created_at: instant(),
})
export type UserView = Static<typeof UserSchema>

/** A page of users, newest first. */
export const UserPageSchema = Type.Object({ users: Type.Array(UserSchema), ...page })
export type UserPage = Static<typeof UserPageSchema>

const email = Type.Optional(
  nullable(Type.String({ pattern: '^[^\\s@]+@[^\\s@]+$', 'x-form': 'an e-mail address', maxLength: 320 })),
)

/** The body of a create. What is left out is null. */
export const CreateUserSchema = Type.Object(
  { name: Type.String({ minLength: 1 }), email, team_id: Type.Optional(nullable(uuid())), ...defaultsGiven },
  strict,
)
export type CreateUser = Static<typeof CreateUserSchema>

/** The body of a change. What is left out stays as it is. */
export const UpdateUserSchema = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1 })),
    email,
    team_id: Type.Optional(nullable(uuid())),
    ...defaultsGiven,
  },
  strict,
)
export type UpdateUser = Static<typeof UpdateUserSchema>

/** A team of users. */
export const TeamSchema = Type.Object({
  id: uuid(),
  name: Type.String(),
  webhook_url: nullable(Type.String()),
  ...defaults,
  created_at: instant(),
})
export type TeamView = Static<typeof TeamSchema>

/** A page of teams, newest first. */
export const TeamPageSchema = Type.Object({ teams: Type.Array(TeamSchema), ...page })
export type TeamPage = Static<typeof TeamPageSchema>

const webhook = Type.Optional(
  nullable(Type.String({ pattern: '^https?://\\S+$', 'x-form': 'an http or https URL', maxLength: 2000 })),
)

/** The body of a create. What is left out is null. */
export const CreateTeamSchema = Type.Object(
  { name: Type.String({ minLength: 1 }), webhook_url: webhook, ...defaultsGiven },
  strict,
)
export type CreateTeam = Static<typeof CreateTeamSchema>

/** The body of a change. What is left out stays as it is. */
export const UpdateTeamSchema = Type.Object(
  { name: Type.Optional(Type.String({ minLength: 1 })), webhook_url: webhook, ...defaultsGiven },
  strict,
)
export type UpdateTeam = Static<typeof UpdateTeamSchema>
