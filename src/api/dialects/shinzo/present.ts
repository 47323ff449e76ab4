import { purgedPlaceholder, readableText, sealedPlaceholder } from '../../../domain/content.ts'
import { oneOf, optional, text } from '../../../domain/shape.ts'
import { type AccessedTask, fullyShown } from '../../../engine/access/read-task.ts'
import type { WebhookFormat } from '../../../engine/webhooks/webhook-deps.ts'
import type { Store } from '../../../store/store.ts'
import { defineExtension } from '../../edge/define-extension.ts'
import { instantOf, instantOrNull } from '../../edge/instants.ts'
import type { InputRequest, TaskView } from './contract/task.ts'
import { callbackModes } from './contract/task.ts'
import { shownTaskId } from './ids.ts'
import { statusOf } from './states.ts'

/** Reads the data that this dialect keeps with a task. */
const readExtension = defineExtension({ callback_mode: oneOf(callbackModes), webhook_url: optional(text) })

/**
 * Shows a task as it is polled and as its webhook gets it. The caller reads the text of its result, and what it asks its user.
 */
export function taskView(
  { task, run, access }: AccessedTask,
  result: string | null,
  inputRequests: InputRequest[] = [],
): TaskView {
  const { usage, config } = run
  const { callback_mode = 'poll', webhook_url = null } = task.dialect === 'shinzo' ? readExtension(task.extension) : {}
  return {
    task_id: shownTaskId(task.id),
    agent_id: task.agentId,
    status: statusOf(run.state),
    priority: run.priority,
    created_at: instantOf(task.createdAt),
    started_at: instantOrNull(run.startedAt),
    updated_at: instantOf(task.updatedAt),
    completed_at: instantOrNull(run.endedAt),
    progress: { steps: run.steps, max_steps: config.stepsMax },
    result,
    error: run.error && { code: run.error.code, message: run.error.message },
    usage: {
      input_tokens: usage.inputTokens,
      output_tokens: usage.outputTokens,
      total_tokens: usage.inputTokens + usage.outputTokens,
      cost_usd: run.costMicrosUsd / 1_000_000,
      duration_seconds: run.activeMs / 1_000,
    },
    timeout_seconds: config.timeoutMs / 1_000,
    metadata: task.metadata,
    callback_mode,
    webhook_url: access === 'full' ? webhook_url : null,
    input_requests: inputRequests,
  }
}

/** Reads a task with the answer of the agent, which is null before the task is completed. */
export async function readTaskView(
  store: Pick<Store, 'readContents'>,
  snapshot: AccessedTask,
  inputRequests?: InputRequest[],
): Promise<TaskView> {
  const { state, result } = snapshot.run
  if (state !== 'succeeded' || result === null) return taskView(snapshot, null, inputRequests)
  const content = (await store.readContents([result])).get(result)
  const instead = content === undefined ? purgedPlaceholder : sealedPlaceholder
  return taskView(snapshot, readableText(content) ?? instead)
}

/**
 * Formats the delivery to a task's `webhook_url` once it has ended: the task as it is polled, under the event that
 * names its end.
 */
export const shinzoWebhookFormat: WebhookFormat = {
  async body({ event, store, snapshot }, brief) {
    // The delivery goes to the webhook that the submitter of the task named, so that everything is shown.
    const after = fullyShown(await snapshot())
    const data = brief ? taskView(after, null) : await readTaskView(store, after)
    return JSON.stringify({
      event: `task.${statusOf(after.run.state)}`,
      timestamp: instantOf(event.at),
      data,
      ...(brief && { brief }),
    })
  },
}
