import type { JournalEvent } from '../../domain/event.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import type { Task } from '../../domain/task.ts'
import type { Encrypter, Endpoint, EndpointFormat } from '../../domain/webhook.ts'
import type { Store } from '../../store/store.ts'

/** What delivering webhooks takes; `main` puts it together. */
export interface WebhookDeps {
  readonly encrypter: Encrypter
  readonly send: SendWebhook
  /** Those that are not given speak as `standard`. */
  readonly formats: { readonly standard: WebhookFormat } & Readonly<Partial<Record<EndpointFormat, WebhookFormat>>>
  /** Whether URLs may lead to loopback and private addresses. */
  readonly allowPrivateNetwork: boolean
  readonly userAgent: string
}

/** What one delivery speaks of. */
export interface WebhookSubject {
  readonly task: Task
  readonly event: JournalEvent
  readonly endpoint: Endpoint
  /** The `webhook-id`. */
  readonly deliveryId: string
  readonly store: Store
  /** The rows as the event left them, whatever came later: so that every try says the same. Reads the journal up to it. */
  snapshot(): Promise<TaskSnapshot>
}

/** What a delivery says in the words of one dialect. */
export interface WebhookFormat {
  /**
   * The JSON that is sent and signed, to the byte the same whenever it is asked for the same event. `brief`: the whole is
   * above `webhook_body_bytes_max`; leave texts out.
   */
  body(subject: WebhookSubject, brief: boolean): Promise<string>
  /** Headers beside those of Standard Webhooks, in lower case; they may replace `user-agent`. */
  headers?(signed: SignedBody): Readonly<Record<string, string>>
}

export interface SignedBody {
  readonly deliveryId: string
  /** As it is sent. */
  readonly body: string
  /** As it is shown to its owner, `whsec_…`. */
  readonly secret: string
}

export interface WebhookRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Makes one POST: follows no redirect, reads no body of the answer, connects only where the server may connect to. Answers
 * with the status, or throws WebhookSendError where none came in time.
 */
export type SendWebhook = (request: WebhookRequest, signal: AbortSignal) => Promise<WebhookAnswer>

export interface WebhookAnswer {
  readonly status: number
  /** As it was sent. */
  readonly retryAfter: string | null
}

/** No answer came. The message is shown to the endpoint's owner. */
export class WebhookSendError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'WebhookSendError'
  }
}
