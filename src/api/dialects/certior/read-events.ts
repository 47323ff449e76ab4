import type { JournalEvent } from '../../../domain/event.ts'
import type { ServerRooms } from '../../../engine/server-rooms.ts'

/** All events of a task up to `lastSeq`, page by page. */
export async function* readEvents(
  { store, limits }: ServerRooms,
  taskId: string,
  lastSeq: number,
): AsyncGenerator<JournalEvent[], void, void> {
  for (let after = 0; after < lastSeq; ) {
    const events = await store.readEvents(taskId, after, limits.page_size_max)
    const last = events.at(-1)
    if (last === undefined) return
    yield events
    after = last.seq
  }
}
