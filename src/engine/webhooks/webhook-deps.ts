import type { MintedLink } from '../../domain/answer-link.ts'
import type { JournalEvent } from '../../domain/event.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import type { Task } from '../../domain/task.ts'
import type { Encrypter, Endpoint, EndpointFormat } from '../../domain/webhook.ts'
import type { Store } from '../../store/store.ts'

/** The dependencies of webhooks; `main` puts them together. */
export interface WebhookDeps {
  readonly encrypter: Encrypter
  readonly send: SendWebhook
  /** The formats by name. A dialect without one of its own uses `standard`. */
  readonly formats: { readonly standard: WebhookFormat } & Readonly<Partial<Record<EndpointFormat, WebhookFormat>>>
  /** True where URLs may lead to loopback and private addresses. */
  readonly allowPrivateNetwork: boolean
  readonly userAgent: string
  /** Returns the address at which people reach this server, without a slash at its end. */
  readonly publicUrl: () => string
}

/** The subject of one delivery: a task, and one of its events. */
export interface WebhookSubject {
  readonly task: Task
  readonly event: JournalEvent
  readonly endpoint: Endpoint
  /** The value of the header `webhook-id`. */
  readonly deliveryId: string
  readonly store: Store
  /** The link of this try, by which its one user may answer the prompt that was opened. Each try has one of its own. */
  readonly answerLink: MintedLink | undefined
  /**
   * Folds the rows as the event left them, whatever came later, so that every try says the same. It reads the journal up to
   * the event.
   */
  snapshot(): Promise<TaskSnapshot>
}

/** The bodies and headers of deliveries in one dialect. */
export interface WebhookFormat {
  /**
   * Returns the JSON that is sent and signed, byte for byte the same whenever it is asked for the same event and link. `brief` is set
   * where the whole is above `webhook_body_bytes_max`: texts are then left out.
   */
  body(subject: WebhookSubject, brief: boolean): Promise<string>
  /** Returns headers beside those of Standard Webhooks, in lower case. They may replace `user-agent`. */
  headers?(signed: SignedBody): Readonly<Record<string, string>>
}

/** A body, and the secret that signs it. */
export interface SignedBody {
  readonly deliveryId: string
  /** The body as it is sent. */
  readonly body: string
  /** The secret as it is shown to its owner, `whsec_…`. */
  readonly secret: string
}

/** One POST to a receiver. */
export interface WebhookRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Makes one POST. It follows no redirect, reads no body of the answer, and connects only where the server may connect to.
 * Answers with the status, or throws WebhookSendError where none came in time.
 */
export type SendWebhook = (request: WebhookRequest, signal: AbortSignal) => Promise<WebhookAnswer>

/** The answer of a receiver. */
export interface WebhookAnswer {
  readonly status: number
  /** The header `retry-after` as it was sent. */
  readonly retryAfter: string | null
}

/** The error of a request without an answer. The message is shown to the endpoint's owner. */
export class WebhookSendError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'WebhookSendError'
  }
}
