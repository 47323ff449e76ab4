import type { NewEvent } from '../domain/event.ts'
import { ledgerMoveOfAll } from '../domain/ledger-moves.ts'
import type { Task } from '../domain/task.ts'
import { append, type Write } from '../store/commit.ts'
import type { Outbox } from './outbox.ts'

/**
 * Appends events to a task's journal, moves its ledger as they say, and promises them to whoever subscribed, in the same
 * commit.
 * Invariant: events are appended by this and by nothing else (test/architecture/events-are-promised.test.ts).
 */
export function appendEvents(
  { outbox }: { readonly outbox: Outbox },
  task: Task,
  events: readonly NewEvent[],
): Write[] {
  const move = ledgerMoveOfAll(events)
  const moved: Write[] = move === undefined ? [] : [{ kind: 'move_ledger', task: task.id, move }]
  return [append(task.id, events), ...moved, ...outbox.promise(task, events)]
}
