import type { Refusal } from '../../domain/refusal.ts'
import type { RunState } from '../../domain/run-state.ts'

/**
 * What a refusal says to a client of a dialect. A sentence of the core that names the state of a run is said with the dialect's own
 * word for it; every other sentence is handed on as it is.
 */
export function sayRefusal({ code, message, state }: Refusal, statusOf: (state: RunState) => string): string {
  if (state === undefined) return message
  const status = `its status is ${JSON.stringify(statusOf(state))}`
  if (code === 'run_settled') return `The task has ended: ${status}.`
  if (code === 'task_busy') return `The task is under way: ${status}. Try again when it has ended.`
  return `The task cannot do this now: ${status}.`
}
