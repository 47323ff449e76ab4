import { type RunState, runStates } from '../../../domain/run-state.ts'

/** The statuses of an execution. The last four are those of Certior's document, and are its ends. */
export const executionStatuses = ['queued', 'executing', 'succeeded', 'blocked', 'error', 'cancelled'] as const
/** One of `executionStatuses`. */
export type ExecutionStatus = (typeof executionStatuses)[number]

/** Certior's status for each state of a run. The document names the first two `queued` and, elsewhere, `executing`. */
const statuses: Readonly<Record<RunState, ExecutionStatus>> = {
  queued: 'queued',
  running: 'executing',
  waiting: 'executing',
  paused: 'executing',
  succeeded: 'succeeded',
  blocked: 'blocked',
  failed: 'error',
  cancelled: 'cancelled',
}

/** Names the status of an execution whose run is in this state. */
export function statusOf(state: RunState): ExecutionStatus {
  return statuses[state]
}

/**
 * The code of the product uses other words than its document. A list that is filtered by one of them means these
 * statuses.
 */
const otherWords: ReadonlyMap<string, readonly ExecutionStatus[]> = new Map([
  ['planning', ['executing']],
  ['verifying', ['executing']],
  ['completed', ['succeeded']],
  ['failed', ['error', 'blocked']],
])

/** All words by which a list of executions can be filtered. */
export const askedStatuses: readonly string[] = [...executionStatuses, ...otherWords.keys()]

/** Lists the states that a word stands for. It is undefined for an unknown word. */
export function statesOf(word: string): RunState[] | undefined {
  const meant: readonly string[] = otherWords.get(word) ?? [word]
  const states = runStates.filter((state) => meant.includes(statuses[state]))
  return states.length === 0 ? undefined : states
}
