import { type Static, Type } from 'typebox'
import { streamStatuses } from '../states.ts'
import { modes } from './create-task.ts'

const texts = Type.Array(Type.String())
const textOrNull = () => Type.Union([Type.String(), Type.Null()])
const instant = () => Type.String({ format: 'date-time' })
const instantOrNull = () => Type.Union([instant(), Type.Null()])
const status = () => Type.Enum([...streamStatuses])

/** The options of a run, fixed when it was queued. */
const RunConfigSchema = Type.Object({
  agent_id: textOrNull(),
  agent_ids: texts,
  ask_question: Type.Boolean(),
  auto_execute: Type.Boolean(),
  completion_delivery: textOrNull(),
  file_keys: texts,
  isolated: Type.Boolean(),
  max_iterations: Type.Integer(),
  max_steps: Type.Integer(),
  mode: Type.Enum([...modes]),
  model: Type.String(),
  project_id: textOrNull(),
  sandbox_id: textOrNull(),
  secrets: texts,
})
/** The options of a run, as threads show them. */
export type RunConfigView = Static<typeof RunConfigSchema>

const MessageViewSchema = Type.Object({
  id: Type.String(),
  role: Type.Enum(['user', 'assistant']),
  metadata: Type.Object({}),
  parts: Type.Array(Type.Object({ type: Type.String() })),
})

const shown = {
  id: Type.String({ format: 'uuid' }),
  title: Type.String(),
  status: status(),
  visibility: Type.Enum(['private', 'public', 'unlisted', 'team']),
  created_at: instant(),
  updated_at: instant(),
}

const TaskSchema = Type.Object({
  ...shown,
  created_by: Type.Union([Type.String(), Type.Null()], { description: 'Null for others to whom the task is shown.' }),
  is_isolated: Type.Boolean(),
  is_scheduled: Type.Boolean(),
  model: Type.String(),
  project_id: textOrNull(),
  schedule_info: Type.Null(),
})
/** A task as lists and its own route show it. */
export type TaskView = Static<typeof TaskSchema>

/** A page of tasks, with the cursor of the next one. */
export const TaskPageSchema = Type.Object({
  tasks: Type.Array(TaskSchema),
  has_more: Type.Boolean(),
  next_cursor: textOrNull(),
})

/** A task with its messages and its runs, and the address of the stream of each run. */
export const ThreadSchema = Type.Object({
  task: Type.Object({ ...TaskSchema.properties, secret_names: texts }),
  messages: Type.Array(MessageViewSchema),
  read_only: Type.Boolean({ description: 'You may read the task, and not continue it.' }),
  stream: Type.Object({
    hasStream: Type.Boolean({ description: 'The latest run has not ended.' }),
    last_seq: Type.Integer(),
    run_config: RunConfigSchema,
    streamId: Type.String(),
    streamStatus: status(),
  }),
  streamUrls: Type.Array(Type.Object({ streamId: Type.String(), url: Type.String(), status: status() })),
  streams: Type.Array(
    Type.Object({
      stream_id: Type.String(),
      status: status(),
      created_at: instant(),
      completed_at: instantOrNull(),
      notice: Type.Optional(
        Type.String({ description: 'What is held back from the run and why, where something is.' }),
      ),
      run_config: RunConfigSchema,
    }),
  ),
})
/** A task with its messages, for a reader who may read all of it. */
export type ThreadView = Static<typeof ThreadSchema>

/** A task that its owner has opened to all, as everybody may read it. */
export const SharedThreadSchema = Type.Object({
  task: Type.Object(shown),
  messages: Type.Array(MessageViewSchema),
  read_only: Type.Literal(true),
})
/** A task with its messages, for readers to whom it is only shown. */
export type SharedThreadView = Static<typeof SharedThreadSchema>

/** The query of the list of tasks. */
export const TaskQuerySchema = Type.Object({
  cursor: Type.Optional(Type.String()),
  limit: Type.Optional(Type.Integer({ minimum: 1 })),
  status: Type.Optional(status()),
  scheduled: Type.Optional(Type.Boolean()),
  project_id: Type.Optional(Type.String()),
})

/** The path parameter of the routes of one task. */
export const TaskParams = Type.Object({ id: Type.String() })
