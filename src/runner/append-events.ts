import type { NewEvent } from '../domain/event.ts'
import type { Task } from '../domain/task.ts'
import { append, type Write } from '../store/commit.ts'
import type { Outbox } from './outbox.ts'

/**
 * Appends events to a task's journal, and promises them to whoever subscribed, in the same commit.
 * Invariant: events are appended by this and by nothing else (test/architecture/events-are-promised.test.ts).
 */
export function appendEvents(
  { outbox }: { readonly outbox: Outbox },
  task: Task,
  events: readonly NewEvent[],
): Write[] {
  return [append(task.id, events), ...outbox.promise(task, events)]
}
