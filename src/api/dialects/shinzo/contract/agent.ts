import { type Static, Type } from 'typebox'
import { agentStates } from '../../../../domain/agent.ts'

const instant = () => Type.String({ format: 'date-time' })
const count = () => Type.Integer({ minimum: 0 })

/** The query of the list of agents. Pages are numbered from 1. */
export const AgentListQuerySchema = Type.Object({
  page: Type.Optional(Type.Integer({ minimum: 1, default: 1 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  status: Type.Optional(Type.Enum([...agentStates])),
  sort: Type.Optional(Type.Enum(['created_at', 'updated_at', 'name'], { default: 'created_at' })),
  order: Type.Optional(Type.Enum(['asc', 'desc'], { default: 'desc' })),
})
/** The query of `GET /agent/list`, after validation. */
export type AgentListQuery = Static<typeof AgentListQuerySchema>

/** A page of agents, with the number of all that match. */
export const AgentListSchema = Type.Object({
  agents: Type.Array(
    Type.Object({
      uuid: Type.String(),
      name: Type.String(),
      description: Type.String(),
      status: Type.Enum([...agentStates]),
      created_at: instant(),
      updated_at: instant(),
      task_count: count(),
      active_tasks: count(),
    }),
  ),
  pagination: Type.Object({ page: count(), limit: count(), total: count(), total_pages: count() }),
})
/** The response of `GET /agent/list`. */
export type AgentList = Static<typeof AgentListSchema>

/** The answer to pausing an agent. */
export const PausedSchema = Type.Object({ uuid: Type.String(), status: Type.Literal('paused'), paused_at: instant() })
/** The answer to resuming an agent. */
export const ResumedSchema = Type.Object({ uuid: Type.String(), status: Type.Literal('active'), resumed_at: instant() })

/** The path parameter of the routes of one agent. */
export const AgentParams = Type.Object({ id: Type.String({ description: "The agent's UUID." }) })
