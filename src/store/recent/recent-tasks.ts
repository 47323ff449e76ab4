import { moveLedger } from '../../domain/budget.ts'
import { purgeAtOf, type TaskSnapshot } from '../../domain/evolve.ts'
import { purgedDetails, withoutPrivate } from '../../domain/task-details.ts'
import type { Commit, CommitOutcome, Write } from '../commit.ts'
import { createGenerations } from './generations.ts'

const tasksMax = 2_000

/**
 * Tasks that this process submitted, newest change last. Only a submit adds one and only commits change it: a row that was
 * read could be newer than commits whose acknowledgements are still on their way.
 */
export function createRecentTasks() {
  const recent = createGenerations<TaskSnapshot>(tasksMax, () => 1)
  return {
    get: recent.get,
    apply({ write }: Commit, { lastSeq, numbers }: Extract<CommitOutcome, { committed: true }>) {
      for (const one of write) {
        const id = taskOf(one)
        const before = id === undefined ? undefined : recent.get(id)
        if (one.kind === 'insert_task') {
          const { task, run } = one
          const added = { ...task, number: numbers[task.id] ?? 0, lastSeq: lastSeq[task.id] ?? task.lastSeq }
          recent.set(task.id, { task: added, run })
        } else if (before !== undefined && !(one.kind === 'move_ledger' && Object.hasOwn(numbers, one.task))) {
          recent.set(before.task.id, changed(before, one, lastSeq))
        }
      }
    },
  }
}

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

function changed(before: TaskSnapshot, write: Write, lastSeq: Readonly<Record<string, number>>): TaskSnapshot {
  const { task, run } = before
  switch (write.kind) {
    case 'append': {
      const updatedAt = write.events.at(-1)?.at ?? task.updatedAt
      return { task: { ...task, lastSeq: lastSeq[task.id] ?? task.lastSeq, updatedAt }, run }
    }
    case 'insert_run': {
      const { id, state } = write.run
      return { task: { ...task, runId: id, state, purgeAt: purgeAtOf(write.run), purgedAt: null }, run: write.run }
    }
    case 'save_run': {
      if (write.run.id !== run.id) return before
      const purgeAt = task.purgedAt === null ? purgeAtOf(write.run) : task.purgeAt
      return {
        task: { ...task, state: write.run.state, purgeAt },
        run: { ...write.run, stopRequested: run.stopRequested },
      }
    }
    case 'request_stop':
      return write.run === run.id ? { task, run: { ...run, stopRequested: write.requested } } : before
    case 'save_manifest':
      return { task: { ...task, manifest: write.manifest }, run }
    case 'save_task': {
      const { title, visibility, metadata } = write
      return { task: { ...task, title, visibility, metadata }, run }
    }
    case 'move_ledger':
      return { task: { ...task, ledger: moveLedger(task.ledger, write.move) }, run }
    case 'save_keeping': {
      const { purgeAt, purgedAt, hold } = write
      return { task: { ...task, purgeAt, purgedAt, hold }, run }
    }
    case 'purge_contents': {
      const kept = { extension: withoutPrivate(task.extension), manifest: null }
      return { task: { ...task, ...purgedDetails, ...kept }, run: { ...run, config: { ...run.config, extension: {} } } }
    }
    default:
      return before
  }
}
