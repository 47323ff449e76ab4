import type { JsonObject, JsonValue } from '../../../domain/json.ts'
import type { Run, Task } from '../../../domain/task.ts'
import { type CreateTask, type Mode, modes, type Part } from './contract/create-task.ts'

/** A file that a message names; kept and shown as it was sent. */
export type FilePart = { type: 'file'; media_type: string | null; name: string | null; url: string | null }

/** What a Neo client asked of a run. Kept with the run under `neo`, as it was when the run was queued. */
export interface FrozenWishes {
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
  /** The client's own id of the message that started the run. */
  readonly message_id: string | null
  readonly files: readonly FilePart[]
}

/** The wishes of a request, with the defaults of what it left out: no verification but in plan mode, where there is one round. */
export function freezeWishes(body: CreateTask, messageId: string | null, files: readonly FilePart[]): FrozenWishes {
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

/** What the run was asked for; the defaults for a run that came through another API. */
export function wishesOf({ config, agentId }: Run): FrozenWishes {
  const kept = config.extension['neo']
  if (!isObject(kept)) return { ...freezeWishes({}, null, []), agent_id: agentId }
  const text = (name: string) => (typeof kept[name] === 'string' ? kept[name] : null)
  const texts = (name: string) => listOf(kept[name]).filter((value) => typeof value === 'string')
  return {
    mode: modes.find((mode) => mode === kept['mode']) ?? 'agent',
    agent_id: text('agent_id'),
    agent_ids: texts('agent_ids'),
    ask_question: kept['ask_question'] === true,
    auto_execute: kept['auto_execute'] === true,
    completion_delivery: text('completion_delivery'),
    file_keys: texts('file_keys'),
    max_iterations: typeof kept['max_iterations'] === 'number' ? kept['max_iterations'] : 0,
    sandbox_id: text('sandbox_id'),
    secrets: texts('secrets'),
    message_id: text('message_id'),
    files: listOf(kept['files']).flatMap((file) => (isObject(file) ? [readFile(file)] : [])),
  }
}

/** Whether the task was created to run apart from everything its user has. */
export function isIsolated({ extension }: Task): boolean {
  const kept = extension['neo']
  return isObject(kept) && kept['isolated'] === true
}

/** As the engine keeps it: plain JSON, apart from what other dialects may keep. */
export function toExtension(wishes: FrozenWishes): JsonObject {
  const { agent_ids, file_keys, secrets, files, ...plain } = wishes
  return {
    neo: { ...plain, agent_ids: [...agent_ids], file_keys: [...file_keys], secrets: [...secrets], files: [...files] },
  }
}

/** A file part of a message in either spelling. */
export function filePart({ media_type, mediaType, name, filename, url }: Part): FilePart {
  return { type: 'file', media_type: media_type ?? mediaType ?? null, name: name ?? filename ?? null, url: url ?? null }
}

function readFile(file: JsonObject): FilePart {
  const text = (name: string) => (typeof file[name] === 'string' ? file[name] : null)
  return { type: 'file', media_type: text('media_type'), name: text('name'), url: text('url') }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : []
}
