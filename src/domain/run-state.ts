import { Refusal } from './refusal.ts'

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

/** Whether a run in this state has ended. */
export function isTerminal(state: RunState): state is TerminalState {
  return moves[state].length === 0
}

/** Whether the table of moves has this move. */
export function canMove(from: RunState, to: RunState): boolean {
  return moves[from].includes(to)
}

/**
 * The state after a move. Every change of a run's state passes here. Refuses `run_settled` when the run has ended, and
 * `move_refused` for any other move that the table does not have. Invariant: a terminal run never changes
 * (run-state.test.ts).
 */
export function moveRun(from: RunState, to: RunState): RunState {
  if (canMove(from, to)) return to
  if (isTerminal(from)) throw new Refusal('run_settled', `The run has ended (${from}); it cannot become ${to}.`)
  throw new Refusal(
    'move_refused',
    `A run that is ${from} cannot become ${to}. It can become: ${moves[from].join(', ')}.`,
  )
}
