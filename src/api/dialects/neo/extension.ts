import type { JsonObject } from '../../../domain/json.ts'
import { anyObject, count, flag, listOf, nullable, object, oneOf, optional, text } from '../../../domain/shape.ts'
import type { Run, Task } from '../../../domain/task.ts'
import { defineExtension } from '../../edge/define-extension.ts'
import { type CreateTask, type Mode, modes, type Part } from './contract/create-task.ts'

/** A file that a message names. It is kept and shown as it was sent. */
export type FilePart = {
  readonly type: 'file'
  readonly media_type: string | null
  readonly name: string | null
  readonly url: string | null
}

/**
 * The options that a Neo client requested for a run. They are kept with the run under `neo`, as they were when it was
 * queued.
 */
export interface RunOptions {
  readonly mode: Mode
  readonly agent_id: string | null
  readonly agent_ids: readonly string[]
  readonly ask_question: boolean
  readonly auto_execute: boolean
  readonly completion_delivery: string | null
  readonly file_keys: readonly string[]
  readonly max_iterations: number
  readonly sandbox_id: string | null
  readonly secrets: readonly string[]
  /** The client's id of the message that started the run. */
  readonly message_id: string | null
  readonly files: readonly FilePart[]
}

/**
 * Reads the options of a request and completes them with the defaults. Nothing is verified but in plan mode, which
 * has one round.
 */
export function readRunOptions(body: CreateTask, messageId: string | null, files: readonly FilePart[]): RunOptions {
  const { mode = 'agent' } = body
  return {
    mode,
    agent_id: body.agent_id ?? null,
    agent_ids: body.agent_ids ?? [],
    ask_question: body.ask_question ?? false,
    auto_execute: body.auto_execute ?? false,
    completion_delivery: body.completion_delivery ?? null,
    file_keys: body.file_keys ?? [],
    max_iterations: body.max_iterations ?? (mode === 'plan' ? 1 : 0),
    sandbox_id: body.sandbox_id ?? null,
    secrets: [...new Set(body.secrets)],
    message_id: messageId,
    files,
  }
}

const keptWithRun = defineExtension({
  mode: oneOf(modes),
  agent_id: nullable(text),
  agent_ids: listOf(text),
  ask_question: flag,
  auto_execute: flag,
  completion_delivery: nullable(text),
  file_keys: listOf(text),
  max_iterations: count,
  sandbox_id: nullable(text),
  secrets: listOf(text),
  message_id: nullable(text),
  files: listOf(
    object({ type: oneOf(['file']), media_type: nullable(text), name: nullable(text), url: nullable(text) }),
  ),
})
const keptWithTask = defineExtension({ isolated: optional(flag) })
/** The data of other dialects stand beside these. */
const kept = defineExtension({ neo: optional(anyObject) })

/** Reads the options of a run. They are the defaults for a run that came through another API. */
export function runOptionsOf({ config, agentId }: Run): RunOptions {
  const { neo } = kept(config.extension)
  return neo === undefined ? { ...readRunOptions({}, null, []), agent_id: agentId } : keptWithRun(neo)
}

/** Tells whether the task was created to run apart from everything else that its user has. */
export function isIsolated({ extension }: Task): boolean {
  const { neo = {} } = kept(extension)
  return keptWithTask(neo).isolated === true
}

/** Converts the options to the JSON that is stored, apart from the data of other dialects. */
export function writeExtension(options: RunOptions): JsonObject {
  const { agent_ids, file_keys, secrets, files, ...plain } = options
  return {
    neo: {
      ...plain,
      agent_ids: [...agent_ids],
      file_keys: [...file_keys],
      secrets: [...secrets],
      files: files.map((file) => ({ ...file })),
    },
  }
}

/** Reads a file part of a message in either spelling. */
export function filePart({ media_type, mediaType, name, filename, url }: Part): FilePart {
  return { type: 'file', media_type: media_type ?? mediaType ?? null, name: name ?? filename ?? null, url: url ?? null }
}
