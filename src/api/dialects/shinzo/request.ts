import type { JsonObject } from '../../../domain/json.ts'
import { Refusal } from '../../../domain/refusal.ts'
import type { SubmitTask } from '../../../engine/commands/submit-task.ts'
import type { ServerDeps } from '../../../engine/server-deps.ts'
import { withinLimit } from '../../../engine/settings/within-limit.ts'
import { checkEndpointUrl } from '../../../engine/webhooks/check-endpoint.ts'
import type { TaskRequest } from './contract/task.ts'

/**
 * Converts the body of a request to a request of the engine. Refuses `invalid_input` and names the field and its
 * limit.
 */
export function readTaskRequest(deps: ServerDeps, agentId: string | undefined, body: TaskRequest): SubmitTask {
  const { limits } = deps
  const { message, priority, timeout_override, metadata, ask_question, callback_mode = 'poll', webhook_url } = body
  withinLimit(limits, 'message_chars_max', 'message', message.length)
  withinLimit(limits, 'run_timeout_seconds_max', 'timeout_override', timeout_override ?? 0)
  if (metadata !== undefined) {
    withinLimit(limits, 'metadata_bytes_max', 'metadata', Buffer.byteLength(JSON.stringify(metadata)))
  }
  if (webhook_url !== undefined) checkEndpointUrl(deps, 'webhook_url', webhook_url)
  return {
    input: { text: message },
    agentId,
    dialect: 'shinzo',
    extension: { callback_mode, ...(webhook_url !== undefined && { webhook_url }) },
    priority: priority === undefined ? undefined : Math.round(priority),
    timeoutMs: timeout_override === undefined ? undefined : Math.max(1, Math.round(timeout_override * 1_000)),
    // The metadata were parsed from JSON, so that they hold nothing else.
    metadata: metadata as JsonObject | undefined,
    askQuestion: ask_question,
    webhook: callback_mode === 'webhook' ? { url: neededUrl(webhook_url), format: 'shinzo' } : undefined,
  }
}

function neededUrl(url: string | undefined): string {
  if (url !== undefined) return url
  const fields = [{ field: 'webhook_url', message: 'is needed where callback_mode is webhook' }]
  throw new Refusal('invalid_input', 'webhook_url is needed where callback_mode is webhook.', { fields })
}
