import type { RunState } from '../../../domain/run-state.ts'
import type { Run } from '../../../domain/task.ts'
import type { ControlState, TaskStatus } from './contract/task.ts'

/** Xagent's status for each state of a run. A queued run reads `running`, so that nobody sees `pending` after a 202. */
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

/** Names the state that controls of a client show. A requested stop reads `pause_requested` until the run is paused. */
export function controlStateOf({ state, stopRequestedAt }: Run): ControlState {
  if (state === 'running' && stopRequestedAt !== null) return 'pause_requested'
  const word = statusWords[state]
  return word === 'pending' ? 'idle' : word
}

/** The error of a run that was cancelled. */
export const cancelledMessage = 'The task was cancelled.'
