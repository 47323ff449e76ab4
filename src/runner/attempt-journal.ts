import { takenBy } from '../domain/budget.ts'
import type { Content } from '../domain/content.ts'
import type { EventFacts, EventKind, JournalEvent, NewEvent } from '../domain/event.ts'
import { evolveAll, type TaskSnapshot } from '../domain/evolve.ts'
import { ledgerMoveOfAll, reserves } from '../domain/ledger-moves.ts'
import type { SignedStatement } from '../domain/statement.ts'
import { commitEvents } from '../journal/commit-events.ts'
import { recordEvents } from '../journal/record-events.ts'
import { contentOf } from '../proof/content-of.ts'
import { currentAttempt, journalAt, type Requirement, withinBudget } from '../store/commit.ts'
import { AttemptAborted } from './attempt-control.ts'
import type { RunnerDeps } from './runner-deps.ts'

/** What goes to the journal in one commit. */
export interface Batch {
  readonly events: readonly NewEvent[]
  readonly contents: readonly Content[]
  readonly statements?: readonly SignedStatement[]
}

/**
 * The writes of one attempt. Every commit requires that the attempt is still the current one; once it is not, nothing more
 * is written and `AttemptAborted('superseded')` is thrown.
 */
export interface AttemptJournal {
  readonly snapshot: TaskSnapshot
  /** The seq up to which the journal was read or written by this attempt without a gap. */
  readonly syncedSeq: number
  event<K extends EventKind>(kind: K, facts: EventFacts[K], contents?: Record<string, string>): NewEvent
  text(body: string, mediaType?: string): Content
  commit(batch: Batch): Promise<void>
  /**
   * Commits only when nobody else has appended since `syncedSeq` and what it reserves is there; answers false (and writes
   * nothing) otherwise: then read on, and decide again.
   */
  commitIfUnchanged(batch: Batch): Promise<boolean>
  /** The journal was read up to `seq`; `others` are the events of it that this attempt did not write. */
  markRead(others: readonly JournalEvent[], seq: number): void
}

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
      if (outcome.refused.name === 'journalAt' || outcome.refused.name === 'withinBudget') return false
      throw new AttemptAborted('superseded')
    }
    const [after = snapshot] = outcome.after
    const { lastSeq } = after.task
    // What others appended in between lies below our own events: it is still to be read.
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

function budgetOf(task: string, events: readonly NewEvent[]): Requirement[] {
  const move = reserves(events) ? ledgerMoveOfAll(events) : undefined
  return move === undefined ? [] : [withinBudget(task, takenBy(move))]
}
