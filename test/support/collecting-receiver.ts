import type { SendWebhook, WebhookAnswer, WebhookRequest } from '../../src/engine/webhooks/webhook-deps.ts'

/** A request as a receiver sees it. */
export interface ReceivedWebhook {
  readonly request: WebhookRequest
  readonly id: string
  readonly type: string
  readonly task: string
  readonly seq: number
}

type Answer = number | WebhookAnswer | Promise<WebhookAnswer>

export interface CollectingReceiver {
  /** Every request, in order. */
  readonly received: ReceivedWebhook[]
  /** Those that were answered with 2xx. */
  readonly taken: ReceivedWebhook[]
  /** What the next ones are answered with. */
  answer: (received: ReceivedWebhook) => Answer
  readonly send: SendWebhook
}

/** Takes webhooks without a network. */
export function createCollectingReceiver(answer: CollectingReceiver['answer'] = () => 200): CollectingReceiver {
  const receiver: CollectingReceiver = {
    received: [],
    taken: [],
    answer,
    async send(request, signal) {
      const { type, data } = JSON.parse(request.body)
      const one = { request, id: request.headers['webhook-id'] ?? '', type, task: data.task.id, seq: data.event.seq }
      receiver.received.push(one)
      const given = await cutBy(signal, Promise.resolve(receiver.answer(one)))
      const told = typeof given === 'number' ? { status: given, retryAfter: null } : given
      if (told.status < 300) receiver.taken.push(one)
      return told
    },
  }
  return receiver
}

function cutBy<Value>(signal: AbortSignal, promise: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const cut = () => reject(signal.reason)
    signal.addEventListener('abort', cut, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', cut))
  })
}
