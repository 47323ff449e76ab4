import type { Attempt } from './attempt.ts'
import { contentsToRead, foldConversation } from './conversation.ts'

/** Reads what others have added to the journal: what was said goes to the model, what sub-tasks gave back to the ledger. */
export async function syncJournal(attempt: Attempt): Promise<void> {
  const { rooms, journal, control, conversation } = attempt
  const limit = rooms.limits.page_size_max
  for (;;) {
    control.hasNewEvents = false
    const { run, task } = journal.snapshot
    const page = await rooms.store.readEvents(task.id, journal.syncedSeq, limit)
    if (page.length === 0) return
    // Our own events are in it too where somebody wrote between them; they were folded when they were written.
    const others = page.filter((event) => event.attempt !== run.attempt || event.run !== run.id)
    const said = others.filter(({ kind }) => kind === 'message.added' || kind === 'budget.returned')
    foldConversation(conversation, said, await rooms.store.readContents(contentsToRead(said)))
    journal.markRead(others, page.at(-1)?.seq ?? 0)
    if (page.length < limit) return
  }
}

/** Whether anything is to be taken in. */
export function isStale({ journal, control }: Attempt): boolean {
  return control.hasNewEvents || journal.syncedSeq !== journal.snapshot.task.lastSeq
}
