import type { RunState } from '../../../domain/run-state.ts'

/** Agentrix's word for each state of a run. */
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

/** The words of `stateWords`, each once. */
export const allStateWords = [...new Set(Object.values(stateWords))]
