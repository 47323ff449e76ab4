import type { JournalEvent, NewEvent } from '../../domain/event.ts'
import type { Commit, CommitOutcome } from '../commit.ts'
import { createGenerations } from './generations.ts'

const tasksMax = 1_000
/** A journal with more events is read from the disk completely. */
const eventsMax = 40

/**
 * A cache of short journals that this process has written from their first event on. A cached journal is complete and
 * has no gaps. Readers that follow a running task, and the closing of its run, ask for these.
 */
export function createRecentEvents() {
  const recent = createGenerations<readonly JournalEvent[]>(tasksMax, () => 1)
  return {
    /** Undefined where the journal is not in the cache. */
    read: (task: string, after: number, limit: number) => recent.get(task)?.slice(after, after + limit),
    apply(commit: Commit, { lastSeq }: Extract<CommitOutcome, { committed: true }>) {
      for (const [task, last] of Object.entries(lastSeq)) {
        const appended = eventsAppended(commit, task)
        const before = last - appended.length
        const known = before === 0 ? [] : recent.get(task)
        if (known === undefined) continue
        if (last > eventsMax || known.length !== before) recent.forget(task)
        else recent.set(task, [...known, ...appended.map((event, i) => numbered(event, before + i + 1))])
      }
    },
  }
}

function eventsAppended({ write }: Commit, task: string): NewEvent[] {
  return write.flatMap((one) => (one.kind === 'append' && one.task === task ? one.events : []))
}

/** The event as the store would read it from its row. */
function numbered({ kind, run, attempt, at, facts, contents }: NewEvent, seq: number): JournalEvent {
  return { seq, kind, run, attempt, at, facts, contents } as JournalEvent // The kind and its facts come from one event.
}
