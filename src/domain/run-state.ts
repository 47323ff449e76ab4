/** The states of a run. A task shows the state of its latest run. */
export const runStates = [
  'queued',
  'running',
  'waiting',
  'paused',
  'succeeded',
  'failed',
  'blocked',
  'cancelled',
] as const
/** The state of a run. */
export type RunState = (typeof runStates)[number]

/** The states that a run never leaves. */
export const terminalStates = ['succeeded', 'failed', 'blocked', 'cancelled'] as const satisfies readonly RunState[]
/** A state that a run never leaves. */
export type TerminalState = (typeof terminalStates)[number]

/** To which states a run may move from each. */
export const moves: Readonly<Record<RunState, readonly RunState[]>> = {
  queued: ['running', 'paused', 'failed', 'cancelled'],
  running: ['waiting', 'paused', 'queued', 'succeeded', 'failed', 'blocked', 'cancelled'],
  waiting: ['queued', 'paused', 'failed', 'blocked', 'cancelled'],
  paused: ['queued', 'failed', 'cancelled'],
  succeeded: [],
  failed: [],
  blocked: [],
  cancelled: [],
}

/** Whether a run in this state has ended. */
export function isTerminal(state: RunState): state is TerminalState {
  return moves[state].length === 0
}

/** Whether the table of moves has this move. */
export function canMove(from: RunState, to: RunState): boolean {
  return moves[from].includes(to)
}
