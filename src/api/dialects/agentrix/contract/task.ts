import { type Static, Type } from 'typebox'
import { allStateWords } from '../states.ts'
import { instant, nullable, pageFields, pageQuery } from './fields.ts'
import { sourceTypes } from './start-task.ts'

const word = () => nullable(Type.String())

const started = {
  taskId: Type.String(),
  chatId: Type.String(),
  agentId: Type.String(),
  userId: nullable(Type.String({ description: 'Null for who reads it by a link.' })),
  state: Type.Enum(allStateWords),
  machineId: word(),
  cloudId: word(),
  repositoryId: word(),
  baseBranch: word(),
  title: nullable(
    Type.String({ description: "The first words of the message; null where there is a title of one's own." }),
  ),
  customTitle: word(),
  userCwd: word(),
  forceUserCwd: nullable(Type.Boolean()),
  createdAt: instant(),
  updatedAt: instant(),
}

/** The answer to a start. Fields that have no value are null. */
export const StartedTaskSchema = Type.Object(started)
/** The response of `POST /v1/agentrix/tasks/start`. */
export type StartedTask = Static<typeof StartedTaskSchema>

const listed = {
  ...started,
  parentTaskId: word(),
  rootTaskId: Type.String({ description: 'The task itself where it is no sub-task.' }),
  repositorySourceType: Type.Enum([...sourceTypes]),
  stopRequestedAt: nullable(instant()),
}

/** A task in a list. It begins with the fields of a started task. */
export const ListedTaskSchema = Type.Object(listed)
/** One row of the list of tasks. */
export type ListedTask = Static<typeof ListedTaskSchema>

/** A single task: the fields of a list with the result or the error of its latest run. */
export const TaskSchema = Type.Object({
  ...listed,
  result: nullable(Type.String({ description: 'What the agent said in the end.' })),
  error: nullable(Type.Object({ code: Type.String(), message: Type.String() })),
})
/** The response of the calls that read one task. */
export type TaskView = Static<typeof TaskSchema>

/** The query of the list of tasks, which asks for one page. */
export const TaskQuerySchema = Type.Object(pageQuery)
/** A page of tasks, with the cursor of the next one. */
export const TaskPageSchema = Type.Object({ tasks: Type.Array(ListedTaskSchema), ...pageFields })

/** The body of a request that takes no input. Clients may leave it out. */
export const NothingSchema = Type.Object({})

/** The path parameter of the routes of one task. */
export const TaskParams = Type.Object({ taskId: Type.String() })
