import type { JsonObject } from '../../../domain/json.ts'
import type { Limits } from '../../../domain/limits.ts'
import type { SubmitTask } from '../../../engine/commands/submit-task.ts'
import { withinLimit } from '../../../engine/settings/within-limit.ts'
import type { CreateTask } from './contract/create-task.ts'

/** What is kept of a message that the core does not interpret, frozen with the run that it starts. */
export type Wishes = Required<Pick<SubmitTask, 'input' | 'metadata' | 'runExtension'>>

/** The message of a request as the engine takes it. Refuses `invalid_input`, naming the field and its limit. */
export function readTaskRequest(limits: Limits, { message, metadata }: CreateTask): Wishes {
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
