import { type Static, type TSchema, Type } from 'typebox'

const optional = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]))
const instant = () => Type.String({ format: 'date-time' })

const MessageSchema = Type.Object({
  role: Type.Optional(Type.Literal('user')),
  content: Type.String({ minLength: 1 }),
  files: optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
      maxItems: 100,
      description: 'Ids of uploaded files. Nothing can be uploaded yet, so that each is refused.',
    }),
  ),
})

/** The body that creates a task. Unknown fields are ignored, as the original does. */
export const CreateTaskSchema = Type.Object({
  agent_id: Type.Integer({ description: 'The agent that the key is bound to; any other is not found.' }),
  message: MessageSchema,
  metadata: optional(
    Type.Record(Type.String(), Type.Unknown(), { description: 'Your own correlation data; kept, never interpreted.' }),
  ),
  ask_question: optional(
    Type.Boolean({
      description:
        'Ours: whether the agent may ask its user, and wait. Left out: as in the turn before; in the first it may not.',
    }),
  ),
  connector_runtime_context: optional(
    Type.Array(Type.Record(Type.String(), Type.Unknown()), {
      maxItems: 100,
      description: 'Checked and let go: it may hold credentials, so nothing of it is written.',
    }),
  ),
})
/** The body of the request that creates a task, after validation by its form. */
export type CreateTask = Static<typeof CreateTaskSchema>

/** The answer to a create request, sent once the task is on disk. */
export const CreateTaskResponseSchema = Type.Object({
  task_id: Type.Integer(),
  agent_id: Type.Integer(),
  status: Type.Literal('running'),
  created_at: instant(),
})
/** The response of the request that creates a task. */
export type CreateTaskResponse = Static<typeof CreateTaskResponseSchema>

/** The answer to a message that continues a task. */
export const AppendResponseSchema = Type.Object({
  task_id: Type.Integer(),
  agent_id: Type.Integer(),
  status: Type.Literal('running'),
  accepted_at: instant(),
})
/** The response of `POST /v1/chat/tasks/{task_id}/messages`. */
export type AppendResponse = Static<typeof AppendResponseSchema>
