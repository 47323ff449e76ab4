import { type Amounts, addAmounts, availableOf, covers, microsPerCent, noAmounts } from '../../domain/budget.ts'
import type { Capability } from '../../domain/capability.ts'
import type { NewEvent } from '../../domain/event.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import type { Limits } from '../../domain/limits.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { Task } from '../../domain/task.ts'
import { type RecordedEvents, recordEvents } from '../../journal/record-events.ts'
import { journalAt, type Requirement, withinBudget } from '../../store/commit.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { readLabels } from '../queries/read-labels.ts'
import { withinLimit } from '../settings/within-limit.ts'
import type { ParentTask } from './parent-task.ts'

/** The budget of a new task, with the requirements and writes of the commit that makes it. */
export interface OpenedBudget {
  readonly amounts: Amounts
  /** The labels that the task takes on from its parent. */
  readonly labels: readonly string[]
  readonly require: readonly Requirement[]
  /** Makes the events for the parent's journal: the slice that goes to the new task. */
  lend(taskId: string): readonly RecordedEvents[]
}

/**
 * Opens the budget of a new task: what was asked for, else the server's defaults. A sub-task's budget is a slice of its
 * parent's: what was asked for, else half of what the parent has left. Writes nothing. Refuses `invalid_input` above the
 * limits, `budget_exhausted`.
 */
export async function openBudget(
  deps: EngineDeps,
  { budget, parent }: { readonly budget?: Partial<Amounts> | undefined; readonly parent?: ParentTask | undefined },
): Promise<OpenedBudget> {
  checkLimits(deps.limits, budget ?? {})
  if (parent === undefined) {
    const amounts = { ...defaultsOf(deps.limits), ...budget }
    return { amounts, labels: [], require: [], lend: () => [] }
  }
  const snapshot = (await deps.store.readSnapshot(parent.id)) ?? parent.snapshot
  const { task } = snapshot
  const half = halfOf(availableOf(task.ledger))
  const amounts = { ...half, ...budget }
  if (amounts.steps < 1 || amounts.tokens < 1 || !covers(task.ledger, amounts)) throw parentExhausted()
  return {
    amounts,
    labels: await readLabels(deps, parent.id),
    require: [withinBudget(parent.id, { ...twice(half), ...budget })],
    lend: (taskId) => [lend(deps, snapshot, taskId, amounts)],
  }
}

/** Moves the slice from the parent's budget to the sub-task. */
function lend(deps: EngineDeps, parent: TaskSnapshot, to: string, amounts: Amounts): RecordedEvents {
  const envelope = { run: parent.run.id, attempt: null, at: deps.clock.now(), contents: {} }
  return recordEvents(deps, parent, [{ ...envelope, kind: 'budget.transferred', facts: { to, amounts } }])
}

/** The bounds, the labels and the slice of the budget that a further run of a sub-task takes from its parent. */
export interface FurtherSlice {
  readonly parentCapabilities: readonly Capability[]
  readonly parentPolicy: string
  /** The event for the sub-task's own journal, before the run is queued. */
  readonly granted: NewEvent
  readonly require: readonly Requirement[]
  /** The events for the parent's journal, where it lends a further slice. */
  readonly lent: readonly RecordedEvents[]
}

/**
 * Slices the parent's budget for a further run of a sub-task: the runs before gave their rest back to the parent, so the run
 * gets half of what that has left. Answers undefined for a task without a parent. Refuses `budget_exhausted`.
 */
export async function sliceAgain(deps: EngineDeps, task: Task, run: string): Promise<FurtherSlice | undefined> {
  const parent = task.parentId === null ? undefined : await deps.store.readSnapshot(task.parentId)
  if (parent === undefined) return undefined
  const { capabilities: parentCapabilities, policy } = parent.run.config
  const labels = await readLabels(deps, parent.task.id)
  const require = [journalAt(task.id, task.lastSeq)] // so that what it has left does not go back meanwhile
  const own = availableOf(task.ledger)
  const grant = (amounts: Amounts) => {
    const facts = { from: parent.task.id, amounts, labels }
    const at = deps.clock.now()
    const granted: NewEvent = { kind: 'budget.granted', run, attempt: null, at, facts, contents: {} }
    return { parentCapabilities, parentPolicy: policy.name, granted }
  }
  if (own.steps >= 1 && own.tokens >= 1) return { ...grant(noAmounts), require, lent: [] }
  const amounts = halfOf(availableOf(parent.task.ledger))
  if (amounts.steps < 1 || amounts.tokens < 1) throw parentExhausted()
  return {
    ...grant(amounts),
    require: [...require, withinBudget(parent.task.id, twice(amounts))],
    lent: [lend(deps, parent, task.id, amounts)],
  }
}

function parentExhausted(): Refusal {
  return new Refusal('budget_exhausted', 'The parent task has less left of its budget than the sub-task would take.')
}

/** A limit that was lowered below the default bounds it too. */
function defaultsOf(limits: Limits): Amounts {
  return {
    micros_usd: Math.min(limits.budget_cents_default, limits.budget_cents_max) * microsPerCent,
    tokens: Math.min(limits.budget_tokens_default, limits.budget_tokens_max),
    steps: Math.min(limits.budget_steps_default, limits.budget_steps_max),
  }
}

function halfOf(left: Amounts): Amounts {
  const half = (amount: number) => Math.max(0, Math.floor(amount / 2))
  return { micros_usd: half(left.micros_usd), tokens: half(left.tokens), steps: half(left.steps) }
}

/**
 * Returns the amount that must still be left for `half` to be half of it. Of several sub-tasks that take halves at once, each
 * takes half of what those before it have left.
 */
function twice(half: Amounts): Amounts {
  return addAmounts(half, half)
}

function checkLimits(limits: Limits, { micros_usd, tokens, steps }: Partial<Amounts>): void {
  withinLimit(limits, 'budget_cents_max', 'budget.micros_usd', (micros_usd ?? 0) / microsPerCent)
  withinLimit(limits, 'budget_tokens_max', 'budget.tokens', tokens ?? 0)
  withinLimit(limits, 'budget_steps_max', 'budget.steps', steps ?? 0)
}
