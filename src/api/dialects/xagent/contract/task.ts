import { type Static, type TSchema, Type } from 'typebox'
import { PendingInteractionSchema } from './interaction.ts'

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** The statuses of a task, by Xagent's names. */
export const taskStatuses = ['pending', 'running', 'paused', 'waiting_for_user', 'completed', 'failed'] as const
/** One of `taskStatuses`. */
export type TaskStatus = (typeof taskStatuses)[number]

const controlStates = [
  'idle',
  'running',
  'pause_requested',
  'paused',
  'resume_requested',
  'waiting_for_user',
  'completed',
  'failed',
] as const
/** One of `controlStates`. */
export type ControlState = (typeof controlStates)[number]

/** A task. `input`, `output` and `error` are those of its latest turn. */
export const TaskSchema = Type.Object({
  task_id: Type.Integer(),
  agent_id: Type.Integer(),
  status: Type.Enum([...taskStatuses]),
  input: Type.String(),
  output: nullable(Type.String()),
  error: nullable(Type.String()),
  created_at: Type.String({ format: 'date-time' }),
  completed_at: nullable(Type.String({ format: 'date-time', description: 'Set while the task is at an end.' })),
  run_id: Type.String({ format: 'uuid', description: 'Another one for every turn.' }),
  state_version: Type.Integer({ minimum: 1, description: 'Only rises.' }),
  control_state: Type.Enum([...controlStates]),
  metadata: Type.Record(Type.String(), Type.Unknown(), { description: 'As it came with the latest turn.' }),
  pending_interaction: Type.Union([PendingInteractionSchema, Type.Null()], {
    description: 'What is asked, while the task is waiting_for_user.',
  }),
})
/** The response of the calls that read one task. */
export type Task = Static<typeof TaskSchema>

/** The path parameter of the routes of one task. */
export const TaskParams = Type.Object({ task_id: Type.String({ description: 'The number of a task.' }) })
