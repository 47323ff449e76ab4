import type { JournalEvent } from '../../domain/event.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import { isTerminal } from '../../domain/run-state.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { takeTurn } from './take-turn.ts'

/** The milliseconds after which a reader polls without a hint, since hints may be lost. */
const pollEveryMs = 5_000
const pageSize = 200

/** The start and the end of a reading of a journal. */
export interface JournalRequest {
  /** Only events with a higher seq are read; 0 for all. */
  readonly after: number
  readonly signal: AbortSignal
  /** With it the reading goes on after the latest run has ended, for the runs that may follow. */
  readonly follow: boolean
}

/**
 * Yields the journal in order from `after`, page by page, and then each event as it is committed. Every transport reads
 * through it. It ends when the latest run has ended and everything was read (or never, with `follow`), and when the signal is
 * aborted. It holds no more than one page, however slow its reader is. Invariant: a reader that resumes from the last seq it
 * received gets exactly what it would have got by staying (read-journal.test.ts).
 */
export async function* readJournal(
  deps: Pick<EngineDeps, 'clock' | 'store' | 'wakeup'>,
  taskId: string,
  { after, signal, follow }: JournalRequest,
): AsyncGenerator<JournalEvent[], void, void> {
  let position = after
  const hint = createHint(deps, taskId, signal)
  try {
    while (!signal.aborted) {
      hint.clear() // before the reading: a commit during it hints again
      const snapshot = follow ? undefined : await deps.store.readTask(taskId)
      const events = await deps.store.readEvents(taskId, position, pageSize)
      const last = events.at(-1)
      if (last !== undefined) {
        position = last.seq
        yield events
        // A reader at the end of a journal reads on at once. One that has more to read gives other work its turn.
        if (events.length === pageSize) await takeTurn()
        continue
      }
      // The state was read before the events, so that nothing can stand between the last event and the end.
      if (snapshot !== undefined && isTerminal(snapshot.state) && snapshot.lastSeq <= position) return
      await hint.wait()
    }
  } finally {
    hint.close()
  }
}

/**
 * Waits for the end of the latest run, for `ms`, or until the signal is aborted, whichever comes first. Answers with the task
 * as it is then, or undefined when there is none.
 */
export async function waitForEnd(
  deps: Pick<EngineDeps, 'clock' | 'store' | 'wakeup'>,
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

/** Makes a hint that stays set until it is cleared, so that one which comes between a reading and the wait is not missed. */
function createHint({ wakeup, clock }: Pick<EngineDeps, 'clock' | 'wakeup'>, taskId: string, signal: AbortSignal) {
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
    async wait(ms = pollEveryMs) {
      if (hinted) return
      const cancel = clock.after(Math.min(ms, pollEveryMs), ring)
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
