import { moveLedger } from '../../domain/budget.ts'
import { evolveAll, type TaskSnapshot } from '../../domain/evolve.ts'
import type { JsonObject } from '../../domain/json.ts'
import type { Commit, CommitOutcome, Write } from '../commit.ts'
import { createGenerations } from './generations.ts'

const tasksMax = 2_000

/**
 * A cache of tasks that this process submitted, kept current by folding what it commits. Only a submit adds a task and
 * only a commit changes it: a row that was read could be newer than commits whose acknowledgements have not arrived
 * yet.
 */
export function createRecentTasks() {
  const recent = createGenerations<TaskSnapshot>(tasksMax, () => 1)
  return {
    get: recent.get,
    apply({ write }: Commit, { lastSeq, numbers }: Extract<CommitOutcome, { committed: true }>) {
      for (const one of write) {
        if (one.kind === 'insert_task') {
          const { task, run } = one
          recent.set(task.id, { task: { ...task, number: numbers[task.id] ?? 0, lastSeq: lastSeq[task.id] ?? 0 }, run })
          continue
        }
        const id = taskOf(one)
        const before = id === undefined ? undefined : recent.get(id)
        if (before === undefined || Object.hasOwn(numbers, before.task.id)) continue
        const after = changed(before, one, write, lastSeq)
        if (after === undefined) recent.forget(before.task.id)
        else recent.set(before.task.id, after)
      }
    },
  }
}

/** The task whose row or latest run a write changes. */
function taskOf(write: Write): string | undefined {
  switch (write.kind) {
    case 'insert_run':
    case 'save_run':
      return write.run.taskId
    case 'append':
    case 'save_manifest':
    case 'save_task':
    case 'request_stop':
    case 'move_ledger':
    case 'save_keeping':
    case 'purge_contents':
      return write.task
    default:
      return undefined
  }
}

/**
 * Undefined where a row is written without the event that it would follow from. Such a task is read from the store
 * again.
 */
function changed(
  before: TaskSnapshot,
  write: Write,
  all: readonly Write[],
  lastSeq: Readonly<Record<string, number>>,
): TaskSnapshot | undefined {
  const { task, run } = before
  if (write.kind === 'append') {
    const after = evolveAll(before, write.events, extensionOf(task.id, all))
    const { ledger } = task // The `move_ledger` write moves the ledger.
    return { ...after, task: { ...after.task, ledger, lastSeq: lastSeq[task.id] ?? after.task.lastSeq } }
  }
  if (write.kind === 'move_ledger') return { task: { ...task, ledger: moveLedger(task.ledger, write.move) }, run }
  if (write.kind === 'save_task') {
    const { title, visibility, metadata } = write
    return { task: { ...task, title, visibility, metadata }, run }
  }
  return all.some((one) => one.kind === 'append' && one.task === task.id) ? before : undefined
}

/**
 * The dialect's data that is frozen with the run that the commit inserts. It is private content and so not among the
 * facts of the event.
 */
function extensionOf(task: string, all: readonly Write[]): JsonObject | undefined {
  const inserted = all.find((one) => one.kind === 'insert_run' && one.run.taskId === task)
  return inserted?.kind === 'insert_run' ? inserted.run.config.extension : undefined
}
