import { type Static, Type } from 'typebox'

/** How a question was settled, by Agentrix's words. */
export const responseStatuses = ['answered', 'cancelled', 'timeout'] as const
/** One of `responseStatuses`. */
export type ResponseStatus = (typeof responseStatuses)[number]
/** Who or what settled a question, by Agentrix's words. */
export const responseReasons = ['user', 'timeout', 'system'] as const

/** A message that is sent to a task: the answer to a question of its agent, in HTTP and in a frame of the WebSocket. */
export const TaskMessageSchema = Type.Object({
  opCode: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 300,
      description: 'The eventId of the question. Left out: the only one that is open.',
    }),
  ),
  message: Type.Object({
    type: Type.Literal('ask_user_response'),
    answers: Type.Optional(
      Type.Unknown({ description: 'In the order of the questions, by their ids, or the answer to the only one.' }),
    ),
    status: Type.Optional(Type.Enum([...responseStatuses], { description: 'answered when not given.' })),
    reason: Type.Optional(Type.Enum([...responseReasons])),
  }),
})
/** The body of `POST /v1/tasks/{taskId}/messages`. */
export type TaskMessage = Static<typeof TaskMessageSchema>
