import type { RunState } from '../../../domain/run-state.ts'

/** The statuses of a task, by Shinzo's names. */
export const taskStatuses = ['queued', 'running', 'awaiting_input', 'completed', 'failed', 'cancelled'] as const
/** One of `taskStatuses`. */
export type TaskStatus = (typeof taskStatuses)[number]

/**
 * Shinzo's status for each state of a run. It has none for a paused task, which reads `running` because it has not
 * ended.
 */
const statuses: Readonly<Record<RunState, TaskStatus>> = {
  queued: 'queued',
  running: 'running',
  waiting: 'awaiting_input',
  paused: 'running',
  succeeded: 'completed',
  blocked: 'failed',
  failed: 'failed',
  cancelled: 'cancelled',
}

/** Names the status of a task whose run is in this state. */
export function statusOf(state: RunState): TaskStatus {
  return statuses[state]
}
