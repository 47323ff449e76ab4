import type { JournalEvent } from '../../../domain/event.ts'
import type { Store } from '../../../store/store.ts'

const pageSize = 200

/** The events of a task up to and with `lastSeq`, page by page; what came later is left out. */
export async function* readEvents(
  store: Store,
  taskId: string,
  lastSeq: number,
): AsyncGenerator<JournalEvent[], void, void> {
  for (let after = 0; after < lastSeq; ) {
    const events = await store.readEvents(taskId, after, Math.min(pageSize, lastSeq - after))
    const last = events.at(-1)
    if (last === undefined) return
    yield events
    after = last.seq
  }
}
