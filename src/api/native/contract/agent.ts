import { type Static, Type } from 'typebox'
import { agentStates } from '../../../domain/agent.ts'
import { instant, nullable, strict, uuid } from './fields.ts'
import { PathLabelsSchema } from './policy-ref.ts'
import { VisibilitySchema } from './task.ts'

const summary = {
  id: uuid(),
  number: Type.Integer({ minimum: 1, description: 'Unique per server.' }),
  owner: Type.String({ description: 'The id of the user it belongs to.' }),
  team_id: nullable(uuid()),
  visibility: VisibilitySchema,
  name: Type.String(),
  description: Type.String(),
  provider: nullable(Type.String()),
  model: nullable(Type.String()),
  tools: Type.Array(Type.String()),
  capabilities: Type.Array(Type.String()),
  policy: nullable(Type.String({ description: "The policy of its tasks; null: the server's default." })),
  path_labels: Type.Array(PathLabelsSchema, { description: 'Which labels reading a file brings to a run.' }),
  timeout_seconds: nullable(Type.Number()),
  max_steps: nullable(Type.Integer()),
  concurrency: nullable(Type.Integer({ description: 'Runs at once; null for no limit of its own.' })),
  state: Type.Enum([...agentStates]),
  created_at: instant(),
  updated_at: instant(),
}

/** An agent in a list, without its instructions. */
const AgentSummarySchema = Type.Object(summary)
/** One row of `GET /v1/agents`. */
export type AgentSummary = Static<typeof AgentSummarySchema>

const WarningSchema = Type.Object({
  code: Type.Literal('tools_lack_capabilities'),
  message: Type.String(),
  tools: Type.Array(Type.String(), { description: 'The tools that it has in vain.' }),
  capabilities: Type.Array(Type.String(), { description: 'What it would have to be granted for them.' }),
})

/** A single agent with its instructions, and with the reasons why it cannot work. */
export const AgentSchema = Type.Object({
  ...summary,
  instructions: nullable(Type.String()),
  warnings: Type.Array(WarningSchema, { description: 'What keeps the agent from working as it is set up.' }),
})
/** The response of every call that reads or changes one agent. */
export type AgentView = Static<typeof AgentSchema>

/** The answer that lists agents, newest first. `next_cursor` is null on the last page. */
export const AgentPageSchema = Type.Object({
  agents: Type.Array(AgentSummarySchema),
  has_more: Type.Boolean(),
  next_cursor: nullable(Type.String()),
})
/** The response of `GET /v1/agents`. */
export type AgentPage = Static<typeof AgentPageSchema>

/** Labels for paths. A path has at most `path_chars_max` characters. */
const PathLabelsRequestSchema = Type.Object(
  {
    path: Type.String({
      minLength: 1,
      description:
        '`*` and `?` stand for any characters and for one within a folder, `**` for any folders, `[a-z]` for one of a set, `{a,b}` and `{1..20}` for alternatives.',
    }),
    labels: Type.Array(Type.String({ pattern: '^[a-z0-9_]{1,40}$', 'x-form': '1 to 40 of a-z, 0-9 and _' }), {
      minItems: 1,
      maxItems: 20,
    }),
  },
  strict,
)

const changeable = {
  description: Type.Optional(Type.String({ maxLength: 2000 })),
  instructions: Type.Optional(nullable(Type.String())),
  provider: Type.Optional(nullable(Type.String({ maxLength: 200 }))),
  model: Type.Optional(nullable(Type.String({ maxLength: 200 }))),
  tools: Type.Optional(Type.Array(Type.String(), { maxItems: 200 })),
  capabilities: Type.Optional(Type.Array(Type.String(), { maxItems: 200 })),
  policy: Type.Optional(nullable(Type.String({ minLength: 1, maxLength: 80 }))),
  path_labels: Type.Optional(Type.Array(PathLabelsRequestSchema, { maxItems: 200 })),
  timeout_seconds: Type.Optional(nullable(Type.Number({ exclusiveMinimum: 0 }))),
  max_steps: Type.Optional(nullable(Type.Integer({ minimum: 1 }))),
  concurrency: Type.Optional(nullable(Type.Integer({ minimum: 1 }))),
  visibility: Type.Optional(VisibilitySchema),
}

/** The body that creates an agent. Tools and capabilities that are left out are not granted. */
export const CreateAgentSchema = Type.Object({ name: Type.String({ minLength: 1 }), ...changeable }, strict)
/** The body of `POST /v1/agents`, after validation. */
export type CreateAgent = Static<typeof CreateAgentSchema>

/**
 * The body that changes an agent. Fields that are left out stay as they are. An agent in the state `error` becomes
 * active again.
 */
export const UpdateAgentSchema = Type.Object(
  { name: Type.Optional(Type.String({ minLength: 1 })), ...changeable },
  strict,
)
/** The body of `PATCH /v1/agents/{id}`, after validation. */
export type UpdateAgent = Static<typeof UpdateAgentSchema>

/** The query of a list: the largest number of rows, and the `cursor` of the page before. */
export const PageQuerySchema = Type.Object(
  { cursor: Type.Optional(Type.String()), limit: Type.Optional(Type.Integer({ minimum: 1 })) },
  strict,
)
/** The query of a list that has no filter. The cursor is opaque to clients. */
export type PageQuery = Static<typeof PageQuerySchema>

/** The query of the list of agents: a page, and the state of the agents. */
export const AgentQuerySchema = Type.Object(
  {
    cursor: Type.Optional(Type.String()),
    limit: Type.Optional(Type.Integer({ minimum: 1 })),
    state: Type.Optional(Type.Enum([...agentStates])),
  },
  strict,
)
/** The query of `GET /v1/agents`, after validation. */
export type AgentQuery = Static<typeof AgentQuerySchema>
