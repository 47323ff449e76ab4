import { type Static, Type } from 'typebox'
import { roles } from '../../../domain/principal.ts'
import { instant, nullable, strict, uuid } from './fields.ts'
import { DialectSchema } from './task.ts'

const RoleSchema = Type.Enum([...roles])

const page = { has_more: Type.Boolean(), next_cursor: nullable(Type.String()) }

/** A key as clients read it. Its secret is not shown, and `prefix` is the part by which people recognise it. */
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
/** One row of `GET /v1/keys`. A revoked key stays in the list. */
export type KeyView = Static<typeof KeySchema>

/** The answer to creating a key, which is the only one that shows the whole key. */
export const CreatedKeySchema = Type.Object({
  ...KeySchema.properties,
  key: Type.String(),
  webhook_secret: Type.String({ description: "Signs what its tasks' own webhooks get; can be read again." }),
})
/** The response of `POST /v1/keys`. The whole key is not stored and cannot be read again. */
export type CreatedKey = Static<typeof CreatedKeySchema>

/** The answer that lists keys, newest first. `next_cursor` is null on the last page. */
export const KeyPageSchema = Type.Object({ keys: Type.Array(KeySchema), ...page })
/** The response of `GET /v1/keys`. */
export type KeyPage = Static<typeof KeyPageSchema>

/**
 * The body that creates a key. The key is for the caller where `user_id` is left out. Its role is then operator where
 * `role` is left out, or the caller's where that is less.
 */
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
/** The body of `POST /v1/keys`, after validation. */
export type CreateKey = Static<typeof CreateKeySchema>

const defaults = { default_provider: nullable(Type.String()), default_model: nullable(Type.String()) }
const defaultFields = {
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
/** The response of the calls about one user. */
export type UserView = Static<typeof UserSchema>

/** The answer that lists users, newest first. `next_cursor` is null on the last page. */
export const UserPageSchema = Type.Object({ users: Type.Array(UserSchema), ...page })
/** The response of `GET /v1/users`. */
export type UserPage = Static<typeof UserPageSchema>

const email = Type.Optional(
  nullable(Type.String({ pattern: '^[^\\s@]+@[^\\s@]+$', 'x-form': 'an e-mail address', maxLength: 320 })),
)

/** The body that creates a user. Fields that are left out are null. */
export const CreateUserSchema = Type.Object(
  { name: Type.String({ minLength: 1 }), email, team_id: Type.Optional(nullable(uuid())), ...defaultFields },
  strict,
)
/** The body of `POST /v1/users`, after validation. */
export type CreateUser = Static<typeof CreateUserSchema>

/** The body that changes a user. Fields that are left out stay as they are. */
export const UpdateUserSchema = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1 })),
    email,
    team_id: Type.Optional(nullable(uuid())),
    ...defaultFields,
  },
  strict,
)
/** The body of `PATCH /v1/users/{id}`, after validation. */
export type UpdateUser = Static<typeof UpdateUserSchema>

/** A team of users. */
export const TeamSchema = Type.Object({
  id: uuid(),
  name: Type.String(),
  webhook_url: nullable(Type.String()),
  ...defaults,
  created_at: instant(),
})
/** The response of the calls about one team. */
export type TeamView = Static<typeof TeamSchema>

/** The answer that lists teams, newest first. `next_cursor` is null on the last page. */
export const TeamPageSchema = Type.Object({ teams: Type.Array(TeamSchema), ...page })
/** The response of `GET /v1/teams`. */
export type TeamPage = Static<typeof TeamPageSchema>

const webhook = Type.Optional(
  nullable(Type.String({ pattern: '^https?://\\S+$', 'x-form': 'an http or https URL', maxLength: 2000 })),
)

/** The body that creates a team. Fields that are left out are null. */
export const CreateTeamSchema = Type.Object(
  { name: Type.String({ minLength: 1 }), webhook_url: webhook, ...defaultFields },
  strict,
)
/** The body of `POST /v1/teams`, after validation. */
export type CreateTeam = Static<typeof CreateTeamSchema>

/** The body that changes a team. Fields that are left out stay as they are. */
export const UpdateTeamSchema = Type.Object(
  { name: Type.Optional(Type.String({ minLength: 1 })), webhook_url: webhook, ...defaultFields },
  strict,
)
/** The body of `PATCH /v1/teams/{id}`, after validation. */
export type UpdateTeam = Static<typeof UpdateTeamSchema>
