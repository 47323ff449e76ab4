import type { JournalEvent } from '../domain/event.ts'
import type { Attempt } from './attempt.ts'
import { contentsToRead, foldConversation } from './fold-conversation.ts'

/**
 * Reads what others have appended to the journal: messages go to the conversation, what sub-tasks gave back to the ledger,
 * and a stop that was requested pauses the attempt although its notification may not have come yet.
 */
export async function syncJournal(attempt: Attempt): Promise<void> {
  const { deps, journal, control, conversation } = attempt
  const limit = deps.limits.page_size_max
  for (;;) {
    control.hasNewEvents = false
    const { run, task } = journal.snapshot
    const page = await deps.store.readEvents(task.id, journal.syncedSeq, limit)
    if (page.length === 0) return
    // Own events are among them where others wrote between two of them. They were folded when they were written.
    const others = page.filter((event) => event.attempt !== run.attempt || event.run !== run.id)
    const relevant = others.filter(concernsConversation)
    foldConversation(conversation, relevant, await deps.store.readContents(contentsToRead(relevant)))
    journal.markRead(others, page.at(-1)?.seq ?? 0)
    followStop(attempt)
    if (page.length < limit) return
  }
}

function concernsConversation({ kind }: JournalEvent): boolean {
  return kind === 'message.added' || kind === 'budget.returned'
}

/** Invariant: after a commit that required an unchanged journal, no stop stands in it that the attempt does not know. */
function followStop({ journal, control }: Attempt): void {
  if (journal.snapshot.run.stopRequestedAt === null) control.withdrawPause()
  else control.pause()
}

/** Whether others may have appended something that was not read yet. */
export function isStale({ journal, control }: Attempt): boolean {
  return control.hasNewEvents || journal.syncedSeq !== journal.snapshot.task.lastSeq
}
