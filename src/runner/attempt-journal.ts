import { takenBy } from '../domain/budget.ts'
import type { Content } from '../domain/content.ts'
import type { EventFacts, EventKind, JournalEvent, NewEvent } from '../domain/event.ts'
import { evolveAll, type TaskSnapshot } from '../domain/evolve.ts'
import { ledgerMoveOfAll, reserves } from '../domain/ledger-moves.ts'
import type { SignedStatement } from '../domain/statement.ts'
import { contentOf } from '../proof/content-of.ts'
import { currentAttempt, journalAt, putContents, type Requirement, type Write, withinBudget } from '../store/commit.ts'
import { appendEvents } from './append-events.ts'
import { AttemptAborted } from './attempt-control.ts'
import type { RunnerRooms } from './runner-rooms.ts'

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
  readonly seenSeq: number
  event<K extends EventKind>(kind: K, facts: EventFacts[K], contents?: Record<string, string>): NewEvent
  text(body: string, mediaType?: string): Content
  commit(batch: Batch): Promise<void>
  /**
   * Commits only when nobody else has appended since `seenSeq` and what it reserves is there; answers false (and writes
   * nothing) otherwise: then read on, and decide again.
   */
  commitIfUnchanged(batch: Batch): Promise<boolean>
  /** The journal was read up to `seq`; these events of it are others'. */
  seen(others: readonly JournalEvent[], seq: number): void
}

export function createAttemptJournal(rooms: RunnerRooms, start: TaskSnapshot): AttemptJournal {
  const { store, clock, wakeup, randomness } = rooms
  const { id: run, attempt } = start.run
  const task = start.task.id
  let snapshot = start
  let seenSeq = start.task.lastSeq

  const write = async (batch: Batch, require: readonly Requirement[]): Promise<boolean> => {
    const next = evolveAll(snapshot, batch.events)
    const outcome = await store.commit({
      require: [currentAttempt(run, attempt), ...require, ...budgetOf(task, batch.events)],
      write: writesOf(rooms, batch, snapshot, next),
    })
    if (!outcome.committed) {
      if (outcome.refused.name === 'journalAt' || outcome.refused.name === 'withinBudget') return false
      throw new AttemptAborted('superseded')
    }
    const lastSeq = outcome.lastSeq[task] ?? snapshot.task.lastSeq
    // What others appended in between lies below our own events: it is still to be read.
    if (lastSeq === seenSeq + batch.events.length) seenSeq = lastSeq
    snapshot = { ...next, task: { ...next.task, lastSeq } }
    wakeup.hint(task)
    return true
  }

  return {
    get snapshot() {
      return snapshot
    },
    get seenSeq() {
      return seenSeq
    },
    event: (kind, facts, contents = {}) => ({ kind, run, attempt, at: clock.now(), facts, contents }) as NewEvent,
    text: (body, mediaType = 'text/plain') => contentOf(randomness.newSalt(), body, mediaType),
    async commit(batch) {
      await write(batch, [])
    },
    commitIfUnchanged: (batch) => write(batch, [journalAt(task, seenSeq)]),
    seen(others, seq) {
      const lastSeq = Math.max(seq, snapshot.task.lastSeq)
      const next = evolveAll(snapshot, others)
      snapshot = { ...next, task: { ...next.task, lastSeq } }
      seenSeq = seq
    },
  }
}

function budgetOf(task: string, events: readonly NewEvent[]): Requirement[] {
  const move = reserves(events) ? ledgerMoveOfAll(events) : undefined
  return move === undefined ? [] : [withinBudget(task, takenBy(move))]
}

function writesOf(rooms: RunnerRooms, batch: Batch, before: TaskSnapshot, after: TaskSnapshot): Write[] {
  const { task, run } = after
  const writes: Write[] = []
  if (batch.contents.length > 0) writes.push(putContents(task.id, batch.contents))
  if (batch.statements?.length) writes.push({ kind: 'add_statements', statements: batch.statements })
  writes.push(...appendEvents(rooms, task, batch.events))
  if (after.run !== before.run) writes.push({ kind: 'save_run', run })
  if (batch.events.some(({ kind }) => kind === 'run.paused')) {
    writes.push({ kind: 'request_stop', task: task.id, run: run.id, requested: false })
  }
  if (task.manifest !== null && task.manifest !== before.task.manifest) {
    writes.push({ kind: 'save_manifest', task: task.id, manifest: task.manifest })
  }
  return writes
}
