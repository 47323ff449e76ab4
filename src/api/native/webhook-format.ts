import type { WebhookFormat } from '../../engine/webhooks/webhook-deps.ts'
import { instantOf } from '../edge/instants.ts'
import type { WebhookBody } from './contract/webhook.ts'
import { briefViews, readEventViews } from './present-event.ts'

/**
 * The native format of deliveries: the form that Standard Webhooks recommends, around the same event object as in a
 * page of the journal.
 */
export const standardWebhookFormat: WebhookFormat = {
  async body({ task, event, endpoint, store }, brief) {
    // A team gets what its members may see of a task that is not theirs.
    const access = endpoint.teamId === null ? 'full' : 'shared'
    const [view] = brief ? briefViews(event, access) : await readEventViews(store, [event], access)
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
