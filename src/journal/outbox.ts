import type { NewEvent } from '../domain/event.ts'
import type { Task } from '../domain/task.ts'
import type { Write } from '../store/commit.ts'

/** Knows who waits for events, so that they can be promised in the commit that appends them. */
export interface Outbox {
  /**
   * What a commit that appends these events to this task must write besides: their deliveries. Nothing, and no work, where
   * nobody waits for them. To be called through `appendEvents` only, once for each commit that is tried.
   */
  promise(task: Task, events: readonly NewEvent[]): readonly Write[]
}
