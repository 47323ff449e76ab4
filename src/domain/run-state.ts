import { Refusal } from './refusal.ts'

/** The states of a run; a task shows the state of its latest run. */
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
export type RunState = (typeof runStates)[number]

export const terminalStates = ['succeeded', 'failed', 'blocked', 'cancelled'] as const satisfies readonly RunState[]
export type TerminalState = (typeof terminalStates)[number]

const moves: Record<RunState, readonly RunState[]> = {
  queued: ['running', 'paused', 'failed', 'cancelled'],
  running: ['waiting', 'paused', 'queued', 'succeeded', 'failed', 'blocked', 'cancelled'],
  waiting: ['queued', 'paused', 'failed', 'blocked', 'cancelled'],
  paused: ['queued', 'failed', 'cancelled'],
  succeeded: [],
  failed: [],
  blocked: [],
  cancelled: [],
}

export function isTerminal(state: RunState): state is TerminalState {
  return moves[state].length === 0
}

export function canMove(from: RunState, to: RunState): boolean {
  return moves[from].includes(to)
}

/**
 * The only door through which a run changes state. Refuses `run_settled` when the run has ended, `move_refused` for any
 * other move that the table does not hold.
 * Invariant: a terminal run never changes (run-state.test.ts).
 */
export function moveRun(from: RunState, to: RunState): RunState {
  if (canMove(from, to)) return to
  if (isTerminal(from)) throw new Refusal('run_settled', `The run has ended (${from}); it cannot become ${to}.`)
  throw new Refusal(
    'move_refused',
    `A run that is ${from} cannot become ${to}. It can become: ${moves[from].join(', ')}.`,
  )
}
