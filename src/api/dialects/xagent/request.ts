import type { JsonObject } from '../../../domain/json.ts'
import type { Limits } from '../../../domain/limits.ts'
import { Refusal } from '../../../domain/refusal.ts'
import { anyObject, oneOf, optional } from '../../../domain/shape.ts'
import type { Run } from '../../../domain/task.ts'
import type { SubmitTask } from '../../../engine/commands/submit-task.ts'
import { withinLimit } from '../../../engine/settings/within-limit.ts'
import { defineExtension } from '../../edge/define-extension.ts'
import type { CreateTask } from './contract/create-task.ts'

/** Reads the data of a message that are kept with the run that it starts. */
const readExtension = defineExtension({
  source: oneOf(['sdk']),
  metadata: optional(anyObject),
})

/**
 * Reads the data that came with the message of a run. There are none where the message came through another dialect.
 */
export function messageExtensionOf({ config: { extension } }: Run): Partial<ReturnType<typeof readExtension>> {
  return extension['source'] === 'sdk' ? readExtension(extension) : {}
}

/**
 * Converts a message to a request of the engine. Refuses `invalid_input` and names the field and its limit, and
 * `file_not_found` for files that were not uploaded: an agent must not answer as if it had read them.
 */
export function readTaskRequest(
  limits: Limits,
  { message, metadata, ask_question }: CreateTask,
): Required<Pick<SubmitTask, 'input' | 'metadata' | 'runExtension' | 'askQuestion'>> {
  withinLimit(limits, 'message_chars_max', 'message.content', message.content.length)
  refuseUnknownFiles(message.files ?? [])
  // The metadata were parsed from JSON, so that they hold nothing else.
  const kept = (metadata ?? {}) as JsonObject
  withinLimit(limits, 'metadata_bytes_max', 'metadata', Buffer.byteLength(JSON.stringify(kept)))
  return {
    input: { text: message.content },
    metadata: kept,
    runExtension: { source: 'sdk', metadata: kept },
    askQuestion: ask_question ?? undefined,
  }
}

/** Refuses every file id, because nothing can be uploaded yet. */
function refuseUnknownFiles(ids: readonly string[]): void {
  if (ids.length === 0) return
  const fields = ids.map((_, at) => ({ field: `message.files.${at}`, message: 'is no file that was uploaded' }))
  throw new Refusal('file_not_found', 'There is no such file.', { fields })
}
