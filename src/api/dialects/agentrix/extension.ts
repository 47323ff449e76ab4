import type { JsonObject } from '../../../domain/json.ts'
import { anyObject, flag, nullable, oneOf, optional, text } from '../../../domain/shape.ts'
import type { Task } from '../../../domain/task.ts'
import { defineExtension } from '../../edge/define-extension.ts'
import { type SourceType, sourceTypes } from './contract/start-task.ts'

/** The source that a task works on. It is kept with the task, frozen with its run, and shown again. */
export interface TaskSource {
  readonly repositoryId: string | null
  readonly baseBranch: string | null
  readonly repositorySourceType: SourceType
  readonly userCwd: string | null
  readonly forceUserCwd: boolean | null
}

/**
 * The data that this dialect keeps with a task; the core never reads it. Title and folder are stored apart, because a
 * purge removes them.
 */
export interface TaskExtension extends TaskSource {
  readonly chatId: string
  readonly customTitle: string | null
  /** The wrapped key of an end-to-end encrypted message, for the machine that opens it. It is never shown. */
  readonly dataEncryptionKey?: string
}

/** Converts the data to the JSON that is stored: what a purge removes stands under `private`. */
export function writeExtension(extension: TaskExtension): JsonObject {
  const { customTitle, userCwd, ...kept } = extension
  return { ...kept, private: { customTitle, userCwd } }
}

const readKept = defineExtension({
  chatId: text,
  repositoryId: optional(nullable(text)),
  baseBranch: optional(nullable(text)),
  repositorySourceType: optional(oneOf(sourceTypes)),
  forceUserCwd: optional(nullable(flag)),
  dataEncryptionKey: optional(text),
  // This field is absent once the contents are purged.
  private: optional(anyObject),
})
const readPrivate = defineExtension({ customTitle: optional(nullable(text)), userCwd: optional(nullable(text)) })

/** Reads the stored data of a task that was started in a chat. It throws for any other task. */
export function extensionOf({ extension }: Pick<Task, 'extension'>): TaskExtension {
  const { private: hidden = {}, ...kept } = readKept(extension)
  const { repositoryId = null, baseBranch = null, repositorySourceType = 'temporary', forceUserCwd = null } = kept
  const { customTitle = null, userCwd = null } = readPrivate(hidden)
  return { chatId: kept.chatId, customTitle, repositoryId, baseBranch, repositorySourceType, userCwd, forceUserCwd }
}
