import { purgedPlaceholder, readableText, sealedPlaceholder } from '../../../domain/content.ts'
import type { AccessedTask } from '../../../engine/access/read-task.ts'
import type { Store } from '../../../store/store.ts'
import { instantOf, instantOrNull } from '../../edge/instants.ts'
import type { TaskView } from './contract/task.ts'
import { shownTaskId } from './shinzo-ids.ts'
import { statusOf } from './task-status.ts'

/** A task as it is polled and as its webhook is told of it, but for the text of its result. */
export function taskView({ task, run, access }: AccessedTask, result: string | null): TaskView {
  const { usage, config } = run
  // Written by readTaskRequest only; a task of another dialect has none of it.
  const { callback_mode = 'poll', webhook_url = null } = task.dialect === 'shinzo' ? task.extension : {}
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
    callback_mode: callback_mode as TaskView['callback_mode'],
    webhook_url: access === 'full' ? (webhook_url as string | null) : null,
  }
}

/** The whole task: with what the agent answered, where it is completed. */
export async function readTaskView(store: Pick<Store, 'readContents'>, snapshot: AccessedTask): Promise<TaskView> {
  const { state, result } = snapshot.run
  if (state !== 'succeeded' || result === null) return taskView(snapshot, null)
  const content = (await store.readContents([result])).get(result)
  const instead = content === undefined ? purgedPlaceholder : sealedPlaceholder
  return taskView(snapshot, readableText(content) ?? instead)
}
