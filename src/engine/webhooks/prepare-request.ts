import type { MintedLink } from '../../domain/answer-link.ts'
import type { Delivery } from '../../domain/delivery.ts'
import type { JournalEvent } from '../../domain/event.ts'
import { foldJournal, type TaskSnapshot } from '../../domain/evolve.ts'
import type { Task } from '../../domain/task.ts'
import type { Endpoint } from '../../domain/webhook.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { isClosedByFourEyes, mintAnswerLink } from '../prompts/answer-links.ts'
import { signWebhook } from './sign-webhook.ts'
import type { WebhookRequest, WebhookSubject } from './webhook-deps.ts'
import { ensureSecret, readSecrets, readSigningKey } from './webhook-secrets.ts'

/** A delivery that can never be made, whenever it is tried. The message is shown to the endpoint's owner. */
export class HopelessDelivery extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'HopelessDelivery'
  }
}

const pageSize = 200

/**
 * Makes the request of one try: the body in the endpoint's format, signed now, under the id that every try has. Throws
 * HopelessDelivery where there is nothing to send any more.
 */
export async function prepareRequest(
  deps: EngineDeps,
  endpoint: Endpoint,
  delivery: Delivery,
): Promise<WebhookRequest> {
  const { formats, userAgent } = deps.webhooks
  const format = formats[endpoint.format] ?? formats.standard
  const subject = await readSubject(deps, endpoint, delivery)
  const body = await boundedBody(deps.limits.webhook_body_bytes_max, (brief) => format.body(subject, brief))
  const secrets = await readSecrets(deps, endpoint.secretHolder)
  const secret = secrets[0] ?? (await ensureSecret(deps, endpoint.secretHolder))
  const standard = await signWebhook({
    id: delivery.id,
    at: deps.clock.now(),
    body,
    secrets: secrets.length === 0 ? [secret] : secrets,
    signingKey: await readSigningKey(deps),
  })
  const own = format.headers?.({ deliveryId: delivery.id, body, secret }) ?? {}
  const headers = { 'content-type': 'application/json', 'user-agent': userAgent, ...own, ...standard }
  return { url: endpoint.url, headers, body }
}

async function boundedBody(bytesMax: number, write: (brief: boolean) => Promise<string>): Promise<string> {
  for (const brief of [false, true]) {
    const body = await write(brief)
    if (Buffer.byteLength(body) <= bytesMax) return body
  }
  throw new HopelessDelivery(`its body is larger than ${bytesMax} bytes (webhook_body_bytes_max)`)
}

async function readSubject(deps: EngineDeps, endpoint: Endpoint, delivery: Delivery): Promise<WebhookSubject> {
  const { store } = deps
  const { taskId, seq, id: deliveryId } = delivery
  const task = await store.readTask(taskId)
  const [event] = await store.readEvents(taskId, seq - 1, 1)
  if (task === undefined || event?.seq !== seq) throw new HopelessDelivery('its event is not there any more')
  let folded: Promise<TaskSnapshot> | undefined
  const snapshot = () => {
    folded ??= foldUpTo(store, task, seq)
    return folded
  }
  const answerLink = await linkOf(deps, endpoint, event)
  return { task, event, endpoint, deliveryId, store, answerLink, snapshot }
}

/** Makes the link of a try to deliver a prompt that is still open, where the endpoint gets links. */
async function linkOf(
  deps: EngineDeps,
  { answerLinks, ownerId }: Endpoint,
  event: JournalEvent,
): Promise<MintedLink | undefined> {
  if (answerLinks === null || event.kind !== 'prompt.opened') return undefined
  const prompt = await deps.store.readPrompt(event.facts.prompt)
  const snapshot = await deps.store.readSnapshot(prompt?.taskId ?? '')
  if (prompt === undefined || snapshot === undefined || isClosedByFourEyes(ownerId, prompt, snapshot)) return undefined
  return await mintAnswerLink(deps, answerLinks, prompt, snapshot)
}

/** Folds the rows as they were after this event. Fields that the journal does not hold are taken as they are now. */
async function foldUpTo(store: EngineDeps['store'], task: Task, seq: number): Promise<TaskSnapshot> {
  const events: JournalEvent[] = []
  while (events.length < seq) {
    const page = await store.readEvents(task.id, events.length, Math.min(pageSize, seq - events.length))
    if (page.length === 0) throw new HopelessDelivery('its journal is not there any more')
    events.push(...page)
  }
  const { number, title, visibility, metadata, extension } = task
  const snapshot = foldJournal(task.id, events, task)
  const config = (await store.readRun(snapshot.run.id))?.config ?? snapshot.run.config
  return {
    task: { ...snapshot.task, number, title, visibility, metadata, extension },
    run: { ...snapshot.run, config },
  }
}
