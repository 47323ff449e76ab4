import { type Static, type TSchema, Type } from 'typebox'
import { promptKinds } from '../../../../domain/prompt.ts'
import { QuestionsSchema } from '../../../edge/question-schema.ts'
import { taskStatuses } from '../states.ts'
import { AgentParams } from './agent.ts'

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const instant = () => Type.String({ format: 'date-time' })
const count = () => Type.Integer({ minimum: 0 })
const message = () => Type.String({ minLength: 1 })

/** The ways in which a client learns the end of a task: it polls, or a webhook is called. */
export const callbackModes = ['poll', 'webhook'] as const

/** The body that submits a task to an agent. */
export const TaskRequestSchema = Type.Object({
  message: message(),
  priority: Type.Optional(
    Type.Number({ minimum: 1, maximum: 10, default: 5, description: '10 is most urgent; rounded to a whole number.' }),
  ),
  timeout_override: Type.Optional(
    Type.Number({ exclusiveMinimum: 0, description: "Seconds; the agent's own where it is left out." }),
  ),
  metadata: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  ask_question: Type.Optional(
    Type.Boolean({ description: 'Ours: whether the agent may ask its user, and wait. Left out: it may not.' }),
  ),
  callback_mode: Type.Optional(Type.Enum([...callbackModes], { default: 'poll' })),
  webhook_url: Type.Optional(
    Type.String({ minLength: 1, description: 'http or https; needed where callback_mode is webhook.' }),
  ),
})
/** The body of `POST /agent/request/{id}`, after validation by its form. */
export type TaskRequest = Static<typeof TaskRequestSchema>

/** The body that adds a message to a task. */
export const MessageRequestSchema = Type.Object({ message: message() })

const taskId = () => Type.String({ pattern: '^tsk_[0-9a-f]{32}$', 'x-form': '"tsk_" and 32 hexadecimal digits' })
const status = () => Type.Enum([...taskStatuses])

/** The answer to a submission, sent once the task is on disk. */
export const AcceptedSchema = Type.Object({
  task_id: taskId(),
  status: Type.Literal('queued'),
  created_at: instant(),
  estimated_start: Type.String({ format: 'date-time', description: 'When it can start at the earliest.' }),
  poll_url: Type.String(),
  cancel_url: Type.String(),
})
/** The response of `POST /agent/request/{id}`. */
export type Accepted = Static<typeof AcceptedSchema>

const InputRequestSchema = Type.Object({
  prompt_id: Type.String({ format: 'uuid' }),
  kind: Type.Enum([...promptKinds]),
  tool: nullable(Type.String()),
  questions: QuestionsSchema,
  by_message: Type.Boolean({ description: 'Whether a message to the task is the answer.' }),
  opened_at: instant(),
  expires_at: nullable(instant()),
  prompt_url: Type.String({ description: 'Where the native API answers it by its id.' }),
})
/** One thing that a task asks its user. */
export type InputRequest = Static<typeof InputRequestSchema>

/** A task as it is polled, and as its webhook gets it. */
export const TaskSchema = Type.Object({
  task_id: taskId(),
  agent_id: Type.String(),
  status: status(),
  priority: Type.Integer({ minimum: 1, maximum: 10 }),
  created_at: instant(),
  started_at: nullable(instant()),
  updated_at: instant(),
  completed_at: nullable(Type.String({ format: 'date-time', description: 'When it ended, however it ended.' })),
  progress: Type.Object({
    steps: Type.Integer({ minimum: 0, description: 'Model calls that were made.' }),
    max_steps: count(),
  }),
  result: nullable(Type.String({ description: 'What the agent answered; null before the task is completed.' })),
  error: nullable(Type.Object({ code: Type.String(), message: Type.String() })),
  usage: Type.Object({
    input_tokens: count(),
    output_tokens: count(),
    total_tokens: count(),
    cost_usd: Type.Number({ minimum: 0 }),
    duration_seconds: Type.Number({ minimum: 0, description: 'Time at work, without waiting.' }),
  }),
  timeout_seconds: Type.Number({ description: 'What the task is held to.' }),
  metadata: Type.Record(Type.String(), Type.Unknown()),
  callback_mode: Type.Enum([...callbackModes]),
  webhook_url: nullable(Type.String()),
  input_requests: Type.Array(InputRequestSchema, { description: 'What is asked of the user, the oldest first.' }),
})
/** The response of `GET /agent/{id}/task/{taskId}`. */
export type TaskView = Static<typeof TaskSchema>

/** The answer to a message, sent once it is on disk. */
export const MessageAcceptedSchema = Type.Object({ task_id: taskId(), status: status(), received_at: instant() })

/** The answer to a cancellation. A repeated one gets the instant of the first. */
export const CancelledSchema = Type.Object({
  task_id: taskId(),
  status: Type.Literal('cancelled'),
  cancelled_at: instant(),
})
/** The response of `POST /agent/{id}/task/{taskId}/cancel`. */
export type Cancelled = Static<typeof CancelledSchema>

/** The path parameters of the routes of one task of an agent. */
export const TaskParams = Type.Object({ ...AgentParams.properties, taskId: Type.String() })
