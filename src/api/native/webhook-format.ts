import type { WebhookFormat } from '../../engine/webhooks/webhook-rooms.ts'
import type { WebhookBody } from './contract/webhook.ts'
import { eventView, readEventViews } from './present-event.ts'
import { instantOf } from './present-values.ts'

/** Our own words: the form that Standard Webhooks recommends around the same event object as in a journal's page. */
export const standardWebhookFormat: WebhookFormat = {
  async body({ task, event, store }, brief) {
    const [view] = brief ? [eventView(event, new Map())] : await readEventViews(store, [event])
    if (view === undefined) throw new Error('An event has no view.')
    const body: WebhookBody = {
      type: event.kind,
      timestamp: instantOf(event.at),
      data: {
        task: { id: task.id, number: task.number, agent_id: task.agentId, title: task.title, metadata: task.metadata },
        event: view,
        brief,
      },
    }
    return JSON.stringify(body)
  },
}
