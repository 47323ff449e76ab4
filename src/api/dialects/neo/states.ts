import { type RunState, runStates } from '../../../domain/run-state.ts'

export const streamStatuses = ['queued', 'running', 'suspended', 'completed', 'failed', 'aborted'] as const
export type StreamStatus = (typeof streamStatuses)[number]

const words: Readonly<Record<RunState, StreamStatus>> = {
  queued: 'queued',
  running: 'running',
  waiting: 'suspended',
  paused: 'suspended',
  succeeded: 'completed',
  blocked: 'failed',
  failed: 'failed',
  cancelled: 'aborted',
}

export function statusOf(state: RunState): StreamStatus {
  return words[state]
}

/** The states that a word stands for. */
export function statesOf(status: StreamStatus): RunState[] {
  return runStates.filter((state) => words[state] === status)
}
