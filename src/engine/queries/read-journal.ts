import type { JournalEvent } from '../../domain/event.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import { isTerminal } from '../../domain/run-state.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { takeTurn } from './take-turn.ts'

/** How long a reader trusts that a hint would have come. */
const lookAgainMs = 5_000
const pageSize = 200

export interface JournalRequest {
  /** Only events with a higher seq; 0 for all. */
  readonly after: number
  readonly signal: AbortSignal
  /** Go on after the latest run has ended, for the runs that may come. */
  readonly follow: boolean
}

/**
 * The one reader behind every transport: yields the journal in order from `after`, page by page, then what is committed as
 * it is committed. Ends when the latest run has ended and all of it was read (or never, with `follow`), and when the signal
 * is aborted. Holds no more than one page, however slow its reader is.
 * Invariant: whoever resumes from the last seq it saw gets exactly what it would have got by staying (read-journal.test.ts).
 */
export async function* readJournal(
  deps: EngineDeps,
  taskId: string,
  { after, signal, follow }: JournalRequest,
): AsyncGenerator<JournalEvent[], void, void> {
  let seen = after
  const hint = createHint(deps, taskId, signal)
  try {
    while (!signal.aborted) {
      hint.clear() // before the look: what is committed during it hints again
      const snapshot = follow ? undefined : await deps.store.readTask(taskId)
      const events = await deps.store.readEvents(taskId, seen, pageSize)
      const last = events.at(-1)
      if (last !== undefined) {
        seen = last.seq
        yield events
        // Who is at the end of a journal reads on at once; who has more to read lets others have their turns.
        if (events.length === pageSize) await takeTurn()
        continue
      }
      // The state was read before the events, so that nothing can stand between the last event and the end.
      if (snapshot !== undefined && isTerminal(snapshot.state) && snapshot.lastSeq <= seen) return
      await hint.wait()
    }
  } finally {
    hint.close()
  }
}

/**
 * The task as it is when its latest run has ended, after `ms`, or when the signal is aborted, whichever comes first;
 * undefined when it is not there.
 */
export async function waitForEnd(
  deps: EngineDeps,
  taskId: string,
  ms: number,
  signal: AbortSignal,
): Promise<TaskSnapshot | undefined> {
  const until = deps.clock.now() + ms
  const hint = createHint(deps, taskId, signal)
  try {
    for (;;) {
      hint.clear()
      const snapshot = await deps.store.readSnapshot(taskId)
      const left = until - deps.clock.now()
      if (snapshot === undefined || isTerminal(snapshot.run.state) || left <= 0 || signal.aborted) return snapshot
      await hint.wait(left)
    }
  } finally {
    hint.close()
  }
}

/** A hint that stays set until it is cleared, so that one which comes between a look and the wait is not missed. */
function createHint({ wakeup, clock }: EngineDeps, taskId: string, signal: AbortSignal) {
  let hinted = false
  let wake: (() => void) | undefined
  const ring = () => {
    hinted = true
    wake?.()
  }
  const unlisten = wakeup.listen(taskId, ring)
  signal.addEventListener('abort', ring, { once: true })
  return {
    clear() {
      hinted = signal.aborted
    },
    async wait(ms = lookAgainMs) {
      if (hinted) return
      const cancel = clock.after(Math.min(ms, lookAgainMs), ring)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
      wake = undefined
      cancel()
    },
    close() {
      unlisten()
      signal.removeEventListener('abort', ring)
    },
  }
}
