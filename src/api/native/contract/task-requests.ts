import { type Static, Type } from 'typebox'
import { BudgetRequestSchema } from './budget.ts'
import { instant, nullable, strict, uuid } from './fields.ts'
import { SealedSchema } from './sealed.ts'
import { VisibilitySchema } from './task.ts'

/** A file that comes with a message. It has its text or its bytes in base64, one of the two. */
const InputFileSchema = Type.Object(
  {
    path: Type.String({ minLength: 1, maxLength: 1024 }),
    content: Type.Optional(Type.String()),
    content_base64: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$', 'x-form': 'base64' })),
  },
  strict,
)
/** One entry of `files` in a request. The path is relative to the workspace. */
export type InputFileBody = Static<typeof InputFileSchema>

const runFields = {
  policy: Type.Optional(
    nullable(Type.String({ minLength: 1, maxLength: 80, description: "The name of a policy; left out: the agent's." })),
  ),
  capabilities: Type.Optional(
    Type.Array(Type.String(), {
      maxItems: 200,
      description: 'What the run may do at most; left out: the defaults of its policy. An empty list: nothing.',
    }),
  ),
  model: Type.Optional(nullable(Type.String({ maxLength: 200 }))),
  provider: Type.Optional(nullable(Type.String({ maxLength: 200 }))),
  priority: Type.Optional(Type.Integer({ minimum: 1, maximum: 10, description: '10 is most urgent.' })),
  timeout_seconds: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  max_steps: Type.Optional(Type.Integer({ minimum: 1 })),
  files: Type.Optional(Type.Array(InputFileSchema)),
  ask_question: Type.Optional(
    Type.Boolean({ description: 'Whether the agent may ask people, and wait for the answer. Left out: it may not.' }),
  ),
}

/** The message: text, or bytes that the server cannot read. */
const input = Type.Union([Type.String({ minLength: 1 }), SealedSchema])

/**
 * The body that creates a task. Only `input` is required; limits that are left out are those of the agent, then of
 * the server.
 */
export const CreateTaskSchema = Type.Object(
  {
    input,
    agent_id: Type.Optional(nullable(uuid())),
    title: Type.Optional(Type.String({ minLength: 1 })),
    visibility: Type.Optional(VisibilitySchema),
    budget: Type.Optional(BudgetRequestSchema),
    not_before: Type.Optional(nullable(instant())),
    metadata: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    ...runFields,
  },
  strict,
)
/** The body of `POST /v1/tasks`, after validation. */
export type CreateTask = Static<typeof CreateTaskSchema>

/**
 * The body that adds a message. On an ended task it starts a new run, which the other fields are for; otherwise the
 * run in progress gets it.
 */
export const CreateMessageSchema = Type.Object({ input, ...runFields }, strict)
/** The body of `POST /v1/tasks/{id}/messages`, after validation. */
export type CreateMessage = Static<typeof CreateMessageSchema>

/**
 * The body that places a hold. The reason names a case rather than a person, because it stays in the journal after a
 * purge.
 */
export const PlaceHoldSchema = Type.Object({ reason: Type.String({ minLength: 1, maxLength: 500 }) }, strict)

/**
 * The query of the list of tasks. `metadata[key]=value` may be repeated beside these, and `state` may hold several
 * states, separated by commas.
 */
export const TaskQuerySchema = Type.Object(
  {
    cursor: Type.Optional(Type.String()),
    limit: Type.Optional(Type.Integer({ minimum: 1 })),
    state: Type.Optional(Type.String({ description: 'One or several of the states, separated by commas.' })),
    agent_id: Type.Optional(uuid()),
    parent_id: Type.Optional(uuid()),
    created_from: Type.Optional(instant()),
    created_before: Type.Optional(instant()),
  },
  { patternProperties: { '^metadata\\[.+\\]$': Type.String() }, additionalProperties: false },
)
/** The query of `GET /v1/tasks` without its metadata filters. */
export type TaskQuery = Static<typeof TaskQuerySchema>

/** The filter that `listTasks` of the client takes. */
export interface TaskFilterQuery extends TaskQuery {
  readonly metadata?: Readonly<Record<string, string>>
}

/**
 * The query of a wait: the seconds to wait for the end of the run, where 0 answers at once. `wait_seconds_max` of the
 * server limits it.
 */
export const WaitQuerySchema = Type.Object({ wait: Type.Optional(Type.Number({ minimum: 0 })) }, strict)

/** The query of a journal: the `seq` to read after, and the number of events. */
export const EventQuerySchema = Type.Object(
  {
    after: Type.Optional(Type.Integer({ minimum: 0 })),
    limit: Type.Optional(Type.Integer({ minimum: 1 })),
    follow: Type.Optional(Type.Boolean({ description: 'Streams only: go on after the run has ended.' })),
    api_key: Type.Optional(Type.String({ description: 'WebSocket only: the key, where no header can be set.' })),
  },
  strict,
)
/** The query of `GET /v1/tasks/{id}/events` on each of its transports. */
export type EventQuery = Static<typeof EventQuerySchema>
