import type { NewEvent } from '../domain/event.ts'
import type { TaskSnapshot } from '../domain/evolve.ts'
import type { SignedStatement } from '../domain/statement.ts'
import type { Requirement, Write } from '../store/commit.ts'
import type { Store } from '../store/store.ts'
import type { Wakeup } from '../wakeup/wakeup.ts'
import type { Outbox } from './outbox.ts'
import { type RecordedEvents, recordEvents } from './record-events.ts'

/** Tells the attempt that drives a run in this process, if there is one, that others have appended to its journal. */
export interface AttemptNotifier {
  notifyNewEvents(runId: string): void
}

export interface CommitDeps {
  readonly store: Pick<Store, 'commit'>
  readonly wakeup: Pick<Wakeup, 'hint'>
  readonly attempts: AttemptNotifier
}

/** What goes into the commit besides the events and what follows from them. */
export interface CommitWith {
  readonly require?: readonly Requirement[] | undefined
  readonly statements?: readonly SignedStatement[] | undefined
  readonly writes?: readonly Write[] | undefined
  /** The run whose own attempt writes: it knows what it wrote, and is not notified. */
  readonly author?: string | undefined
}

export type EventsCommitted =
  /** The snapshots after the commit, in the order of what was recorded. */
  | { readonly committed: true; readonly after: readonly TaskSnapshot[] }
  | { readonly committed: false; readonly refused: Requirement }

/**
 * Commits recorded events of one or several journals, all or nothing, with what else is given. On disk when this resolves;
 * then the tasks' readers are woken and the attempts that drive their runs are notified. Answers with the requirement that
 * did not hold where nothing was written. Rejects like `Store.commit`.
 */
export async function commitEvents(
  { store, wakeup, attempts }: CommitDeps,
  recorded: readonly RecordedEvents[],
  { require, statements = [], writes = [], author }: CommitWith = {},
): Promise<EventsCommitted> {
  const signed: Write[] = statements.length === 0 ? [] : [{ kind: 'add_statements', statements }]
  const derived = recorded.flatMap((one) => one.writes)
  const outcome = await store.commit({ require: require ?? [], write: [...signed, ...writes, ...derived] })
  if (!outcome.committed) return outcome
  const after = recorded.map(({ after: { task, run } }) => ({
    task: {
      ...task,
      number: outcome.numbers[task.id] ?? task.number,
      lastSeq: outcome.lastSeq[task.id] ?? task.lastSeq,
    },
    run,
  }))
  for (const { task, run } of after) {
    wakeup.hint(task.id)
    if (run.id !== author) attempts.notifyNewEvents(run.id)
  }
  return { committed: true, after }
}

/** `recordEvents` and `commitEvents` for one journal: the snapshot after it, or undefined where a requirement did not hold. */
export async function recordAndCommit(
  deps: CommitDeps & { readonly outbox: Outbox },
  before: TaskSnapshot,
  events: readonly NewEvent[],
  more: CommitWith = {},
): Promise<TaskSnapshot | undefined> {
  const outcome = await commitEvents(deps, [recordEvents(deps, before, events)], more)
  return outcome.committed ? outcome.after[0] : undefined
}
