import { type Static, Type } from 'typebox'

const id = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 200, description }))

/** The body of `POST /api/v1/tasks/{id}/approve`: the decision on something that the task asks. */
export const ApproveTaskSchema = Type.Object({
  decision: Type.Enum(['approve', 'decline'], { description: 'approve answers a question too, with the metadata.' }),
  agent_id: id('The agent that asks, where the client names it.'),
  metadata: Type.Optional(
    Type.Object(
      {
        answers: Type.Optional(
          Type.Unknown({ description: 'The answers to a question: in its order, by their ids, or the one.' }),
        ),
        message: Type.Optional(Type.String({ description: 'What the agent is told beside the decision.' })),
      },
      { additionalProperties: true },
    ),
  ),
  run_id: id('The run that asks, as its stream_id.'),
  tool_call_id: id('What is decided. Left out: the one thing that the task asks.'),
})
/** The body of an approval, after validation by its form. */
export type ApproveTask = Static<typeof ApproveTaskSchema>

/** The answer to a decision that counts. */
export const ApprovedSchema = Type.Object({
  success: Type.Literal(true),
  stream_id: Type.String({ description: 'The run that goes on, and whose stream can be read.' }),
})
