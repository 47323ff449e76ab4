import type { JsonObject, JsonValue } from '../../../domain/json.ts'
import type { Task } from '../../../domain/task.ts'
import { type SourceType, sourceTypes } from './contract/start-task.ts'

/** Where a task gets what it works on: kept with the task, frozen with its run, and shown again. */
export interface TaskSource {
  readonly repositoryId: string | null
  readonly baseBranch: string | null
  readonly repositorySourceType: SourceType
  readonly userCwd: string | null
  readonly forceUserCwd: boolean | null
}

/** What this dialect keeps with a task; the core never looks at it. The title and the folder are kept apart: a purge takes them. */
export interface TaskExtension extends TaskSource {
  readonly chatId: string
  readonly customTitle: string | null
  /** The wrapped key of a sealed message, for the machine that opens it; never shown. */
  readonly dataEncryptionKey?: string
}

export function writeExtension(extension: TaskExtension): JsonObject {
  const { customTitle, userCwd, ...kept } = extension
  return { ...kept, private: { customTitle, userCwd } }
}

/** What was kept with a task that was started in a chat. */
export function extensionOf({ id, extension }: Task): TaskExtension {
  const { chatId, repositoryId, baseBranch, repositorySourceType, forceUserCwd } = extension
  const kept = extension['private'] // not there once the contents are purged
  const { customTitle, userCwd } = isObject(kept) ? kept : none
  if (typeof chatId !== 'string') throw new Error(`Task ${id} was not started in a chat.`)
  return {
    chatId,
    customTitle: textOrNull(customTitle),
    repositoryId: textOrNull(repositoryId),
    baseBranch: textOrNull(baseBranch),
    repositorySourceType: sourceTypes.find((type) => type === repositorySourceType) ?? 'temporary',
    userCwd: textOrNull(userCwd),
    forceUserCwd: typeof forceUserCwd === 'boolean' ? forceUserCwd : null,
  }
}

const none: JsonObject = {}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOrNull(value: JsonValue | undefined): string | null {
  return typeof value === 'string' ? value : null
}
