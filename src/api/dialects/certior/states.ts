import { type RunState, runStates } from '../../../domain/run-state.ts'

export const executionStatuses = ['queued', 'executing', 'succeeded', 'blocked', 'error', 'cancelled'] as const
export type ExecutionStatus = (typeof executionStatuses)[number]

/** The four last words are the seed's; it names the way there `queued` and, elsewhere, `executing`. */
const words: Readonly<Record<RunState, ExecutionStatus>> = {
  queued: 'queued',
  running: 'executing',
  waiting: 'executing',
  paused: 'executing',
  succeeded: 'succeeded',
  blocked: 'blocked',
  failed: 'error',
  cancelled: 'cancelled',
}

export function statusOf(state: RunState): ExecutionStatus {
  return words[state]
}

/** The product's code has other words than its document; who asks by one of them means these. */
const otherWords: ReadonlyMap<string, readonly ExecutionStatus[]> = new Map([
  ['planning', ['executing']],
  ['verifying', ['executing']],
  ['completed', ['succeeded']],
  ['failed', ['error', 'blocked']],
])

/** All words by which executions can be asked for. */
export const askedStatuses: readonly string[] = [...executionStatuses, ...otherWords.keys()]

/** The states that a word stands for; undefined for a word that is none. */
export function statesOf(word: string): RunState[] | undefined {
  const meant: readonly string[] = otherWords.get(word) ?? [word]
  const states = runStates.filter((state) => meant.includes(words[state]))
  return states.length === 0 ? undefined : states
}
