import { isAbout, type JournalEvent } from '../../domain/event.ts'
import { asOpened } from '../../domain/prompt.ts'
import type { TaskAccess } from '../../domain/task-access.ts'
import { webhookTypeOf } from '../../domain/webhook.ts'
import type { WebhookFormat, WebhookSubject } from '../../engine/webhooks/webhook-deps.ts'
import { instantOf } from '../edge/instants.ts'
import type { WebhookBody } from './contract/webhook.ts'
import { briefViews, readEventViews } from './present-event.ts'
import { promptFields, readPromptContents } from './present-prompt.ts'

/**
 * The native format of deliveries: the form that Standard Webhooks recommends, around the same event object as in a
 * page of the journal.
 */
export const standardWebhookFormat: WebhookFormat = {
  async body(subject, brief) {
    const { task, event, endpoint, store, answerLink } = subject
    // A team gets what its members may see of a task that is not theirs.
    const access = endpoint.teamId === null ? 'full' : 'shared'
    const [view] = brief ? briefViews(event, access) : await readEventViews(store, [event], access)
    if (view === undefined) throw new Error('An event has no view.')
    const prompt = await promptOf(subject, access, brief)
    const body: WebhookBody = {
      type: webhookTypeOf(event.kind),
      timestamp: instantOf(event.at),
      data: {
        task: { id: task.id, number: task.number, agent_id: task.agentId, title: task.title, metadata: task.metadata },
        event: view,
        ...(prompt !== undefined && { prompt }),
        ...(answerLink && { answer_link: { url: answerLink.url, expires_at: instantOf(answerLink.expiresAt) } }),
        brief,
      },
    }
    return JSON.stringify(body)
  },
}

/**
 * The prompt that an event opened or settled, as it was then: every try says the same. Only those with full access to
 * the task see prompts.
 */
async function promptOf(
  { event, store, task }: WebhookSubject,
  access: TaskAccess,
  brief: boolean,
): Promise<WebhookBody['data']['prompt']> {
  const id = access === 'full' ? promptIdOf(event) : undefined
  const prompt = id === undefined ? undefined : await store.readPrompt(id)
  if (prompt === undefined) return undefined
  const then = event.kind === 'prompt.opened' ? asOpened(prompt) : prompt
  return promptFields(then, task, brief ? new Map() : await readPromptContents(store, [then]))
}

/** The prompt of an event. A rejected answer neither opens nor settles one. */
function promptIdOf(event: JournalEvent): string | undefined {
  return isAbout(event, 'prompt') && event.kind !== 'prompt.rejected' ? event.facts.prompt : undefined
}
