import type { RunState } from '../../../domain/run-state.ts'

/** What every state of a run is called by Agentrix. */
export const stateWords = {
  queued: 'pending',
  running: 'running',
  waiting: 'running',
  paused: 'paused',
  succeeded: 'completed',
  blocked: 'failed',
  failed: 'failed',
  cancelled: 'cancelled',
} as const satisfies Record<RunState, string>

export const allStateWords = [...new Set(Object.values(stateWords))]
