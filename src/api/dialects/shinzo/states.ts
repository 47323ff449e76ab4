import type { RunState } from '../../../domain/run-state.ts'

export const taskStatuses = ['queued', 'running', 'awaiting_input', 'completed', 'failed', 'cancelled'] as const
export type TaskStatus = (typeof taskStatuses)[number]

/** Shinzo has no word for a task that was stopped and can go on: it is one that has not ended. */
const words: Readonly<Record<RunState, TaskStatus>> = {
  queued: 'queued',
  running: 'running',
  waiting: 'awaiting_input',
  paused: 'running',
  succeeded: 'completed',
  blocked: 'failed',
  failed: 'failed',
  cancelled: 'cancelled',
}

export function statusOf(state: RunState): TaskStatus {
  return words[state]
}
