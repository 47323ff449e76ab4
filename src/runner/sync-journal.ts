import { isAbout, type JournalEvent } from '../domain/event.ts'
import type { Attempt } from './attempt.ts'
import { contentsToRead, foldConversation } from './fold-conversation.ts'

/**
 * Reads what others have appended to the journal since it was last read. Messages and answers go to the conversation, budget that
 * sub-tasks gave back goes to the ledger, and a stop that was requested pauses the attempt even where its notification has
 * not come yet.
 */
export async function syncJournal(attempt: Attempt): Promise<void> {
  const { deps, journal, control, conversation } = attempt
  const limit = deps.limits.page_size_max
  for (;;) {
    control.hasNewEvents = false
    const { run, task } = journal.snapshot
    const page = await deps.store.readEvents(task.id, journal.syncedSeq, limit)
    if (page.length === 0) return
    // The page holds events of this attempt too where others wrote between them. Those were folded when they were written.
    const others = page.filter((event) => event.attempt !== run.attempt || event.run !== run.id)
    const relevant = others.filter(concernsConversation)
    foldConversation(conversation, relevant, await deps.store.readContents(contentsToRead(relevant)))
    journal.markRead(others, page.at(-1)?.seq ?? 0)
    followStop(attempt)
    if (page.length < limit) return
  }
}

function concernsConversation(event: JournalEvent): boolean {
  return event.kind === 'message.added' || event.kind === 'budget.returned' || isAbout(event, 'prompt')
}

/**
 * Invariant: after a commit that required an unchanged journal, the attempt knows every stop that stands in it ("a stop that
 * is withdrawn in the moment in which the run is paused does not pause it", src/engine/commands/stop-run.test.ts).
 */
function followStop({ journal, control }: Attempt): void {
  if (journal.snapshot.run.stopRequestedAt === null) control.withdrawPause()
  else control.pause()
}

/** Tells whether others may have appended something that was not read yet. */
export function isStale({ journal, control }: Attempt): boolean {
  return control.hasNewEvents || journal.syncedSeq !== journal.snapshot.task.lastSeq
}
