import { type Static, Type } from 'typebox'
import { base64, idWord } from './fields.ts'

/** The kinds of source that a task can work on, by Agentrix's names. */
export const sourceTypes = ['temporary', 'directory', 'git-server'] as const
/** One of `sourceTypes`. */
export type SourceType = (typeof sourceTypes)[number]

const optional = Type.Optional

/**
 * The body that starts a task. Exactly one of `cloudId`, `machineId` and `parentTaskId` decides where the task runs,
 * and with it which of the other fields are allowed. `readStartMode` checks this beyond the schema.
 */
export const StartTaskSchema = Type.Object({
  chatId: idWord('The chat in which the task is started.'),
  cloudId: optional(idWord('Cloud mode: the pool of workers that runs it, such as cloud-default.')),
  message: optional(
    Type.Object(
      { role: Type.Literal('user'), content: Type.String({ minLength: 1 }) },
      { description: 'Cloud mode, where it is needed, and sub-task mode.' },
    ),
  ),
  machineId: optional(idWord('Local mode: the machine that runs it.')),
  encryptedMessage: optional(base64(20_000_000, 'Local mode: the message, end-to-end encrypted.')),
  dataEncryptionKey: optional(base64(8_192, 'Local mode: the key of the message, wrapped for the machine.')),
  cwd: optional(Type.String({ minLength: 1, maxLength: 4_096, description: 'Local mode: the working directory.' })),
  forceUserCwd: optional(Type.Boolean({ description: 'Local mode: in that directory itself, not in a worktree.' })),
  parentTaskId: optional(idWord('Sub-task mode: the task of which it is a part.')),
  customTitle: optional(Type.String({ minLength: 1, maxLength: 200 })),
  askUser: optional(
    Type.Boolean({ description: 'Whether the agent may ask questions, and wait for the answer. Default false.' }),
  ),
  agentId: optional(idWord('The first agent of the chat when not given.')),
  repositoryId: optional(idWord('The repository it works on.')),
  baseBranch: optional(Type.String({ minLength: 1, maxLength: 255 })),
  repositorySourceType: optional(Type.Enum([...sourceTypes])),
})
/** The body of `POST /v1/agentrix/tasks/start`, after validation by its form. */
export type StartTaskBody = Static<typeof StartTaskSchema>
