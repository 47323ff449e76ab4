import { takenBy } from '../domain/budget.ts'
import type { Content } from '../domain/content.ts'
import type { EventFacts, EventKind, JournalEvent, NewEvent } from '../domain/event.ts'
import { evolveAll, type TaskSnapshot } from '../domain/evolve.ts'
import { ledgerMoveOfAll, reserves } from '../domain/ledger-moves.ts'
import type { SignedStatement } from '../domain/statement.ts'
import { commitEvents } from '../journal/commit-events.ts'
import { recordEvents } from '../journal/record-events.ts'
import { contentOf } from '../proof/digests.ts'
import { currentAttempt, journalAt, type Requirement, withinBudget } from '../store/commit.ts'
import { AttemptAborted } from './attempt-control.ts'
import type { RunnerDeps } from './runner-deps.ts'

/** The events, contents and statements of one commit. */
export interface Batch {
  readonly events: readonly NewEvent[]
  readonly contents: readonly Content[]
  readonly statements?: readonly SignedStatement[]
}

/**
 * Writes for one attempt. Every commit requires that the attempt is still the current one; when it is not, nothing is written
 * and `AttemptAborted('superseded')` is thrown. So a process that was taken for dead cannot change a run that another has
 * taken over.
 */
export interface AttemptJournal {
  readonly snapshot: TaskSnapshot
  /** The seq up to which this attempt has read or written the journal without a gap. */
  readonly syncedSeq: number
  /** Makes an event of this attempt at the present instant. It is not written until it is committed. */
  event<K extends EventKind>(kind: K, facts: EventFacts[K], contents?: Record<string, string>): NewEvent
  /** Makes a content of a text, under a fresh salt. It is not written until it is committed. */
  text(body: string, mediaType?: string): Content
  /** Commits whatever others have appended meanwhile. It is on disk when this resolves. */
  commit(batch: Batch): Promise<void>
  /**
   * Commits only when nobody else has appended since `syncedSeq` and the budget holds what the batch reserves. Otherwise it
   * writes nothing and answers false: the caller then reads on and decides again.
   */
  commitIfUnchanged(batch: Batch): Promise<boolean>
  /** Tells that the journal was read up to `seq`. `others` are the events among those that this attempt did not write. */
  markRead(others: readonly JournalEvent[], seq: number): void
}

/** Opens the journal of one attempt at the snapshot that its claim left. */
export function createAttemptJournal(deps: RunnerDeps, start: TaskSnapshot): AttemptJournal {
  const { clock, randomness } = deps
  const { id: run, attempt } = start.run
  const task = start.task.id
  let snapshot = start
  let syncedSeq = start.task.lastSeq

  const write = async (batch: Batch, require: readonly Requirement[]): Promise<boolean> => {
    const { events, contents, statements } = batch
    const outcome = await commitEvents(deps, [recordEvents(deps, snapshot, events, { contents })], {
      require: [currentAttempt(run, attempt), ...require, ...budgetOf(task, events)],
      statements,
      author: run,
    })
    if (!outcome.committed) {
      if (retried.has(outcome.refused.name)) return false
      throw new AttemptAborted('superseded')
    }
    const [after = snapshot] = outcome.after
    const { lastSeq } = after.task
    // Where others appended in between, their events lie below our own. They are still to be read, so `syncedSeq` stays.
    if (lastSeq === syncedSeq + events.length) syncedSeq = lastSeq
    snapshot = after
    return true
  }

  return {
    get snapshot() {
      return snapshot
    },
    get syncedSeq() {
      return syncedSeq
    },
    event: (kind, facts, contents = {}) => ({ kind, run, attempt, at: clock.now(), facts, contents }) as NewEvent,
    text: (body, mediaType = 'text/plain') => contentOf(randomness.newSalt(), body, mediaType),
    async commit(batch) {
      await write(batch, [])
    },
    commitIfUnchanged: (batch) => write(batch, [journalAt(task, syncedSeq)]),
    markRead(others, seq) {
      const lastSeq = Math.max(seq, snapshot.task.lastSeq)
      const next = evolveAll(snapshot, others)
      snapshot = { ...next, task: { ...next.task, lastSeq } }
      syncedSeq = seq
    },
  }
}

/** Where one of these does not hold, the attempt reads on and decides again. */
const retried: ReadonlySet<Requirement['name']> = new Set(['journalAt', 'withinBudget', 'openPrompt'])

function budgetOf(task: string, events: readonly NewEvent[]): Requirement[] {
  const move = reserves(events) ? ledgerMoveOfAll(events) : undefined
  return move === undefined ? [] : [withinBudget(task, takenBy(move))]
}
