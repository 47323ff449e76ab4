import type { NewEvent } from '../domain/event.ts'
import type { TaskSnapshot } from '../domain/evolve.ts'
import type { SignedStatement } from '../domain/statement.ts'
import type { IdempotentRequest, Requirement, Write } from '../store/commit.ts'
import { commitOnce } from '../store/commit-once.ts'
import type { Store } from '../store/store.ts'
import type { Wakeup } from '../wakeup/wakeup.ts'
import type { Outbox } from './outbox.ts'
import { type RecordedEvents, recordEvents } from './record-events.ts'

/** Tells the attempt that drives a run in this process, if there is one, that others have appended to its journal. */
export interface AttemptNotifier {
  notifyNewEvents(runId: string): void
}

/** The store that commits, the readers' wake-up and the running attempts: all that a commit of events touches. */
export interface CommitDeps {
  readonly store: Pick<Store, 'commit'>
  readonly wakeup: Pick<Wakeup, 'hint'>
  readonly attempts: AttemptNotifier
}

/** The requirements of a commit, and the statements and writes that go into it besides the events and their consequences. */
export interface CommitWith {
  readonly require?: readonly Requirement[] | undefined
  readonly statements?: readonly SignedStatement[] | undefined
  readonly writes?: readonly Write[] | undefined
  /** The request that is answered by this: what it came to, on the first of the journals, is kept in the same commit. */
  readonly request?: IdempotentRequest | undefined
  /** The run whose own attempt writes: it knows what it wrote, and is not notified. */
  readonly author?: string | undefined
}

/**
 * The outcome of a commit: the new snapshots, or the first requirement that did not hold. In the latter case nothing was
 * written.
 */
export type EventsCommitted =
  /** The snapshots after the commit, in the order of what was recorded. */
  | { readonly committed: true; readonly after: readonly TaskSnapshot[] }
  | { readonly committed: false; readonly refused: Requirement }

/**
 * Commits recorded events of one or several journals, all or nothing, together with the statements and writes of
 * `CommitWith`. The commit is on disk when this resolves; then the tasks' readers are woken and the attempts that drive their
 * runs are notified. A crash before that leaves nothing, a crash after it loses only hints, which readers and attempts do
 * without. Rejects like `commitOnce`.
 */
export async function commitEvents(
  { store, wakeup, attempts }: CommitDeps,
  recorded: readonly RecordedEvents[],
  { require, statements = [], writes = [], request, author }: CommitWith = {},
): Promise<EventsCommitted> {
  const signed: Write[] = statements.length === 0 ? [] : [{ kind: 'add_statements', statements }]
  const derived = recorded.flatMap((one) => one.writes)
  const derivedRequire = recorded.flatMap((one) => one.require)
  const commit = { require: [...(require ?? []), ...derivedRequire], write: [...signed, ...writes, ...derived] }
  const [first] = recorded
  const task = first && { id: first.after.task.id, events: first.events.length }
  const outcome = await commitOnce(store, commit, request, { task })
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

/**
 * Runs `recordEvents` and `commitEvents` for one journal. Answers with the snapshot after the commit, or with undefined where
 * a requirement did not hold and nothing was written.
 */
export async function recordAndCommit(
  deps: CommitDeps & { readonly outbox: Outbox },
  before: TaskSnapshot,
  events: readonly NewEvent[],
  more: CommitWith = {},
): Promise<TaskSnapshot | undefined> {
  const outcome = await commitEvents(deps, [recordEvents(deps, before, events)], more)
  return outcome.committed ? outcome.after[0] : undefined
}
