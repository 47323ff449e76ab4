import type { RunState } from '../../../domain/run-state.ts'
import type { Run } from '../../../domain/task.ts'
import type { ControlState, TaskStatus } from './contract/task.ts'

/** The core's states in Xagent's words. A run in the queue reads `running`: nobody sees `pending` after a 202. */
export const statusWords: Readonly<Record<RunState, TaskStatus>> = {
  queued: 'running',
  running: 'running',
  waiting: 'waiting_for_user',
  paused: 'paused',
  succeeded: 'completed',
  failed: 'failed',
  blocked: 'failed',
  cancelled: 'failed',
}

export function controlStateOf({ state, stopRequestedAt }: Run): ControlState {
  if (state === 'running' && stopRequestedAt !== null) return 'pause_requested'
  const word = statusWords[state]
  return word === 'pending' ? 'idle' : word
}

/** What is said of a run that somebody ended. */
export const cancelledMessage = 'The task was cancelled.'
