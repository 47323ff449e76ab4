import type { NewEvent } from '../domain/event.ts'
import type { Task } from '../domain/task.ts'
import type { Write } from '../store/commit.ts'

/** Knows who waits for events, so that they can be promised in the commit that appends them. */
export interface Outbox {
  /**
   * Returns the writes of the deliveries that these events of this task owe to endpoints. They belong into the commit that
   * appends the events, so that no crash can separate the two. Returns nothing, at no cost, where nobody waits for the
   * events. Only `recordEvents` calls it, once for each commit that is tried.
   */
  promise(task: Task, events: readonly NewEvent[]): readonly Write[]
}
