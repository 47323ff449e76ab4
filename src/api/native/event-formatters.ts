import type { TaskAccess } from '../../domain/task-access.ts'
import type { Store } from '../../store/store.ts'
import { deltaFrame, eventFrame } from '../stream/sse-frame.ts'
import type { EventFormatter } from '../stream/task-stream.ts'
import { deltaView, readEventViews } from './present-event.ts'

/**
 * Formats events for server-sent events: `data` is the same object as in a page, `event` its type, and `id` its seq.
 */
export function createSseFormatter(store: Store, access: TaskAccess): EventFormatter {
  return {
    async events(events) {
      const views = await readEventViews(store, events, access)
      return views.map((view) => eventFrame(view.seq, view.type, JSON.stringify(view)))
    },
    delta: (delta) => deltaFrame(delta.kind, JSON.stringify(deltaView(delta))),
  }
}

/** Formats events for WebSockets: each message is the same object as in a page. */
export function createSocketFormatter(store: Store, access: TaskAccess): EventFormatter {
  return {
    async events(events) {
      return (await readEventViews(store, events, access)).map((view) => JSON.stringify(view))
    },
    delta: (delta) => JSON.stringify({ type: delta.kind, data: deltaView(delta) }),
  }
}
