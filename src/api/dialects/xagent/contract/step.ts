import { type Static, type TSchema, Type } from 'typebox'

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const instant = () => Type.String({ format: 'date-time' })

/** The statuses of a step. */
export const stepStatuses = ['running', 'completed', 'failed'] as const
/** One of `stepStatuses`. */
export type StepStatus = (typeof stepStatuses)[number]

const envelope = {
  id: Type.String({ description: 'The type, a colon and a key.' }),
  status: Type.Enum([...stepStatuses]),
  started_at: instant(),
  completed_at: nullable(instant()),
}
/** This field is present only in streams, where a text was truncated. */
const truncated = Type.Optional(Type.Literal(true))

/** A step of a task: thinking, a tool call or a message. */
export const StepSchema = Type.Union([
  Type.Object({
    ...envelope,
    type: Type.Literal('thinking'),
    data: Type.Object({ phase: Type.Enum(['planning', 'step', 'action']) }),
  }),
  Type.Object({
    ...envelope,
    type: Type.Literal('tool_call'),
    data: Type.Object({
      name: Type.String(),
      args: Type.Unknown(),
      result: Type.Optional(Type.String()),
      error: Type.Optional(Type.String()),
      truncated,
    }),
  }),
  Type.Object({
    ...envelope,
    type: Type.Literal('message'),
    data: Type.Object({ role: Type.Enum(['user', 'assistant']), content: Type.String(), truncated }),
  }),
])
/** One step of a task. */
export type Step = Static<typeof StepSchema>

/** The steps of a task so far, in the order in which they began. */
export const StepsSchema = Type.Object({
  task_id: Type.Integer(),
  agent_id: Type.Integer(),
  steps: Type.Array(StepSchema, { description: 'The whole history, by the time each began.' }),
})
