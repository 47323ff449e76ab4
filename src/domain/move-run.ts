import { Refusal } from './refusal.ts'
import { canMove, isTerminal, moves, type RunState } from './run-state.ts'

/**
 * The state after a move. Every change of a run's state passes here. Refuses `run_settled` when the run has ended, and
 * `move_refused` for any other move that the table does not have. Invariant: a terminal run never changes
 * (move-run.test.ts).
 */
export function moveRun(from: RunState, to: RunState): RunState {
  if (canMove(from, to)) return to
  if (isTerminal(from))
    throw new Refusal('run_settled', `The run has ended (${from}); it cannot become ${to}.`, { state: from })
  throw new Refusal(
    'move_refused',
    `A run that is ${from} cannot become ${to}. It can become: ${moves[from].join(', ')}.`,
    { state: from },
  )
}
