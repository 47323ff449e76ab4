import { type RunState, runStates } from '../../../domain/run-state.ts'

/** The statuses of a run, by Neo's names. */
export const streamStatuses = ['queued', 'running', 'suspended', 'completed', 'failed', 'aborted'] as const
/** One of `streamStatuses`. */
export type StreamStatus = (typeof streamStatuses)[number]

const statuses: Readonly<Record<RunState, StreamStatus>> = {
  queued: 'queued',
  running: 'running',
  waiting: 'suspended',
  paused: 'suspended',
  succeeded: 'completed',
  blocked: 'failed',
  failed: 'failed',
  cancelled: 'aborted',
}

/** Names the status of a run in this state. */
export function statusOf(state: RunState): StreamStatus {
  return statuses[state]
}

/** Lists the states that a status stands for. */
export function statesOf(status: StreamStatus): RunState[] {
  return runStates.filter((state) => statuses[state] === status)
}
