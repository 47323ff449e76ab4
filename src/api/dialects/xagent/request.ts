import type { JsonObject } from '../../../domain/json.ts'
import type { Limits } from '../../../domain/limits.ts'
import { anyObject, listOf, oneOf, optional, text } from '../../../domain/shape.ts'
import type { Run } from '../../../domain/task.ts'
import type { SubmitTask } from '../../../engine/commands/submit-task.ts'
import { withinLimit } from '../../../engine/settings/within-limit.ts'
import { defineExtension } from '../../edge/define-extension.ts'
import type { CreateTask } from './contract/create-task.ts'

/** What is kept of a message, frozen with the run that it starts. */
const readExtension = defineExtension({
  source: oneOf(['sdk']),
  metadata: optional(anyObject),
  files: optional(listOf(text)),
})

/** What came with the message that started a run; nothing where that came through another dialect. */
export function messageExtensionOf({ config: { extension } }: Run): Partial<ReturnType<typeof readExtension>> {
  return extension['source'] === 'sdk' ? readExtension(extension) : {}
}

/** The message of a request as the engine takes it. Refuses `invalid_input`, naming the field and its limit. */
export function readTaskRequest(
  limits: Limits,
  { message, metadata }: CreateTask,
): Required<Pick<SubmitTask, 'input' | 'metadata' | 'runExtension'>> {
  withinLimit(limits, 'message_chars_max', 'message.content', message.content.length)
  // It came as JSON, so it holds nothing else.
  const kept = (metadata ?? {}) as JsonObject
  withinLimit(limits, 'metadata_bytes_max', 'metadata', Buffer.byteLength(JSON.stringify(kept)))
  const runExtension: JsonObject = {
    source: 'sdk',
    metadata: kept,
    ...(message.files?.length && { files: message.files }),
  }
  return { input: { text: message.content }, metadata: kept, runExtension }
}
