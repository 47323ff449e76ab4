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

/** The answer to a start: what it is, with nulls where there is nothing. */
export const StartedTaskSchema = Type.Object(started)
export type StartedTask = Static<typeof StartedTaskSchema>

const listed = {
  ...started,
  parentTaskId: word(),
  rootTaskId: Type.String({ description: 'The task itself where it is no sub-task.' }),
  repositorySourceType: Type.Enum([...sourceTypes]),
  stopRequestedAt: nullable(instant()),
}

/** A task of a list: the fields of a started one first. */
export const ListedTaskSchema = Type.Object(listed)
export type ListedTask = Static<typeof ListedTaskSchema>

/** A task that is read: what came of its latest run beside the rest. */
export const TaskSchema = Type.Object({
  ...listed,
  result: nullable(Type.String({ description: 'What the agent said in the end.' })),
  error: nullable(Type.Object({ code: Type.String(), message: Type.String() })),
})
export type TaskView = Static<typeof TaskSchema>

export const TaskQuerySchema = Type.Object(pageQuery)
export const TaskPageSchema = Type.Object({ tasks: Type.Array(ListedTaskSchema), ...pageFields })

/** A body that may be left out, and says nothing. */
export const NothingSchema = Type.Object({})

export const TaskParams = Type.Object({ taskId: Type.String() })
