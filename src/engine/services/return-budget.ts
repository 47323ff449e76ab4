import { type Amounts, availableOf } from '../../domain/budget.ts'
import type { EventFacts, NewEvent } from '../../domain/event.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import { isTerminal, runStates } from '../../domain/run-state.ts'
import type { Task } from '../../domain/task.ts'
import { type RecordedEvents, recordEvents } from '../../journal/record-events.ts'
import { journalAt, latestRun, type Requirement, runIs } from '../../store/commit.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { readLabels } from '../queries/read-labels.ts'

/** The return of a sub-task's budget, as a part of the commit that closes its run. */
export interface BudgetReturn {
  readonly require: readonly Requirement[]
  /** The events for the journals of the sub-task and of the tasks above it. */
  readonly recorded: readonly RecordedEvents[]
}

const openStates = runStates.filter((state) => !isTerminal(state))

/**
 * Gives the rest of the budget of a sub-task whose latest run has ended back to its parent, with the labels that it took on.
 * A parent that has ended and is a sub-task itself passes it on, since its own end has given back, or will give back, only
 * what was left to itself; so the rest goes up to the first task that is open or has no parent. Writes nothing.
 *
 * Why nothing is lost or given back twice, whoever else commits meanwhile: the sub-task's journal must stand where it was
 * read (`journalAt`), so that its ledger is exact and no further run needs the rest; a parent that was open must be open
 * still, so that its own end comes after and finds the amount in its ledger; a parent that had ended must not have begun a
 * further run, which would be the one to have it. Ledgers of parents are moved by the difference only.
 */
export async function returnBudget(deps: EngineDeps, ended: TaskSnapshot): Promise<BudgetReturn> {
  const { task } = ended
  const labels = await readLabels(deps, task.id)
  const amounts = remainderOf(task)
  const require: Requirement[] = [journalAt(task.id, task.lastSeq)]
  const recorded = [recordEvents(deps, ended, [released(deps, task, amounts)])]
  for (let child = task; child.parentId !== null; ) {
    const parent = await deps.store.readSnapshot(child.parentId)
    if (parent === undefined) throw new Error(`The parent of task ${child.id} is not there.`)
    const events = [returned(deps, parent.task, { from: child.id, amounts, labels })]
    const passesOn = parent.task.parentId !== null && isTerminal(parent.run.state)
    if (passesOn) events.push(released(deps, parent.task, amounts))
    recorded.push(recordEvents(deps, parent, events))
    if (passesOn) require.push(latestRun(parent.task.id, parent.run.id))
    else if (parent.task.parentId !== null) require.push(runIs(parent.run.id, openStates))
    if (!passesOn) break
    child = parent.task
  }
  return { require, recorded }
}

/** Returns the rest of the budget; nothing where it was overdrawn, since nobody can give back what was spent beyond it. */
function remainderOf({ ledger }: Task): Amounts {
  const { micros_usd, tokens, steps } = availableOf(ledger)
  return { micros_usd: Math.max(0, micros_usd), tokens: Math.max(0, tokens), steps: Math.max(0, steps) }
}

function released({ clock }: Pick<EngineDeps, 'clock'>, { parentId, runId }: Task, amounts: Amounts): NewEvent {
  if (parentId === null) throw new Error('Only a sub-task gives back what is left.')
  const facts = { to: parentId, amounts }
  return { kind: 'budget.released', run: runId, attempt: null, at: clock.now(), facts, contents: {} }
}

function returned(
  { clock }: Pick<EngineDeps, 'clock'>,
  { runId }: Task,
  facts: EventFacts['budget.returned'],
): NewEvent {
  return { kind: 'budget.returned', run: runId, attempt: null, at: clock.now(), facts, contents: {} }
}
