import type { Amounts } from '../../domain/budget.ts'
import type { Limits } from '../../domain/limits.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { SubmitTask } from '../../engine/commands/submit-task.ts'
import { withinLimit } from '../../engine/settings/within-limit.ts'
import type { InputFile } from '../../engine/submission/add-input-files.ts'
import type { BudgetRequest } from './contract/budget.ts'
import type { CreateMessage, CreateTask, InputFileBody } from './contract/task-requests.ts'

/**
 * Converts the body of a create request to a request of the engine. Refuses `invalid_input` and names the field and
 * its limit.
 */
export function readCreateTask(limits: Limits, body: CreateTask): SubmitTask {
  const { agent_id, title, visibility, budget, metadata, not_before } = body
  withinLimit(limits, 'name_chars_max', 'title', title?.length ?? 0)
  if (metadata !== undefined) {
    withinLimit(limits, 'metadata_bytes_max', 'metadata', Buffer.byteLength(JSON.stringify(metadata)))
  }
  return {
    ...readMessage(limits, body),
    agentId: agent_id ?? null,
    dialect: 'native',
    title,
    visibility,
    budget: budget && readBudget(budget),
    // The metadata were parsed from JSON, so that they hold nothing else.
    metadata: metadata as SubmitTask['metadata'],
    notBefore: not_before == null ? undefined : Date.parse(not_before),
  }
}

function readBudget(budget: BudgetRequest): Partial<Amounts> {
  const { micros_usd, tokens, steps } = budget
  return {
    ...(micros_usd != null && { micros_usd }),
    ...(tokens != null && { tokens }),
    ...(steps != null && { steps }),
  }
}

type Message = Pick<
  SubmitTask,
  | 'askQuestion'
  | 'input'
  | 'model'
  | 'provider'
  | 'policy'
  | 'capabilities'
  | 'priority'
  | 'timeoutMs'
  | 'stepsMax'
  | 'files'
>

/** Converts a message for the engine. Refuses `invalid_input` above the limits. */
export function readMessage(limits: Limits, body: CreateMessage): Message {
  const { model, provider, policy, capabilities, priority, timeout_seconds, max_steps, files, ask_question } = body
  withinLimit(limits, 'run_timeout_seconds_max', 'timeout_seconds', timeout_seconds ?? 0)
  withinLimit(limits, 'steps_max', 'max_steps', max_steps ?? 0)
  return {
    input: readInput(limits, body.input),
    model,
    provider,
    policy,
    capabilities,
    priority,
    timeoutMs: timeout_seconds === undefined ? undefined : Math.max(1, Math.round(timeout_seconds * 1_000)),
    stepsMax: max_steps,
    askQuestion: ask_question,
    files: files && readFiles(limits, files),
  }
}

function readInput(limits: Limits, input: CreateMessage['input']): SubmitTask['input'] {
  if (typeof input === 'string') {
    withinLimit(limits, 'message_chars_max', 'input', input.length)
    return { text: input }
  }
  const sealed = Buffer.from(input.base64, 'base64')
  withinLimit(limits, 'message_chars_max', 'input.base64', sealed.length)
  return { sealed, mediaType: input.media_type }
}

function readFiles(limits: Limits, files: readonly InputFileBody[]): InputFile[] {
  withinLimit(limits, 'files_max', 'files', files.length)
  return files.map(({ path, content, content_base64 }, at) => {
    if ((content === undefined) === (content_base64 === undefined)) {
      const fields = [{ field: `files.${at}`, message: 'must have content or content_base64, one of the two' }]
      throw new Refusal('invalid_input', `The file "${path.slice(0, 80)}" needs one content.`, { fields })
    }
    const bytes = content === undefined ? Buffer.from(content_base64 ?? '', 'base64') : Buffer.from(content)
    withinLimit(limits, 'file_bytes_max', `files.${at}`, bytes.length)
    return { path, bytes }
  })
}
