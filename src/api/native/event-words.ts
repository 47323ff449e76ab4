import type { TaskAccess } from '../../domain/task-access.ts'
import type { Store } from '../../store/store.ts'
import { deltaFrame, eventFrame } from '../stream/sse-frame.ts'
import type { StreamWords } from '../stream/task-stream.ts'
import { deltaView, readEventViews } from './present-event.ts'

/** Server-sent events: the same object as in a page is `data`, its type is `event`, its seq is `id`. */
export function sseWords(store: Store, access: TaskAccess): StreamWords {
  return {
    async events(events) {
      const views = await readEventViews(store, events, access)
      return views.map((view) => eventFrame(view.seq, view.type, JSON.stringify(view)))
    },
    delta: (delta) => deltaFrame(delta.kind, JSON.stringify(deltaView(delta))),
  }
}

/** WebSocket messages: the same objects, one a message. */
export function socketWords(store: Store, access: TaskAccess): StreamWords {
  return {
    async events(events) {
      return (await readEventViews(store, events, access)).map((view) => JSON.stringify(view))
    },
    delta: (delta) => JSON.stringify({ type: delta.kind, data: deltaView(delta) }),
  }
}
