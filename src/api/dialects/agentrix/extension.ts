import type { JsonObject } from '../../../domain/json.ts'
import { anyObject, flag, nullable, oneOf, optional, text } from '../../../domain/shape.ts'
import type { Task } from '../../../domain/task.ts'
import { defineExtension } from '../../edge/define-extension.ts'
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

const readKept = defineExtension({
  chatId: text,
  repositoryId: optional(nullable(text)),
  baseBranch: optional(nullable(text)),
  repositorySourceType: optional(oneOf(sourceTypes)),
  forceUserCwd: optional(nullable(flag)),
  dataEncryptionKey: optional(text),
  // Not there once the contents are purged.
  private: optional(anyObject),
})
const readPrivate = defineExtension({ customTitle: optional(nullable(text)), userCwd: optional(nullable(text)) })

/** What was kept with a task that was started in a chat. Throws for any other. */
export function extensionOf({ extension }: Pick<Task, 'extension'>): TaskExtension {
  const { private: hidden = {}, ...kept } = readKept(extension)
  const { repositoryId = null, baseBranch = null, repositorySourceType = 'temporary', forceUserCwd = null } = kept
  const { customTitle = null, userCwd = null } = readPrivate(hidden)
  return { chatId: kept.chatId, customTitle, repositoryId, baseBranch, repositorySourceType, userCwd, forceUserCwd }
}
