import { fullyShown } from '../../../engine/access/read-task.ts'
import type { WebhookFormat } from '../../../engine/webhooks/webhook-deps.ts'
import { instantOf } from '../../edge/instants.ts'
import { readTaskView, taskView } from './present-task.ts'
import { statusOf } from './task-status.ts'

/** What a task's `webhook_url` is sent when it has ended: the task as it is polled, under the word for what became of it. */
export const shinzoWebhookFormat: WebhookFormat = {
  async body({ event, store, snapshot }, brief) {
    // It goes to the webhook that the task's own submitter named.
    const after = fullyShown(await snapshot())
    const data = brief ? taskView(after, null) : await readTaskView(store, after)
    return JSON.stringify({
      event: `task.${statusOf(after.run.state)}`,
      timestamp: instantOf(event.at),
      data,
      ...(brief && { brief }),
    })
  },
}
