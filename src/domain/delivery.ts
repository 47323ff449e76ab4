import { dayMs, hourMs, minuteMs, secondMs } from './durations.ts'
import type { EventKind } from './event.ts'

/** The states of a delivery. */
export const deliveryStates = ['pending', 'delivered', 'failed'] as const
/** The state of a delivery. */
export type DeliveryState = (typeof deliveryStates)[number]

/** One try of a delivery, whether or not a request could be sent. */
export interface DeliveryTry {
  readonly at: number
  readonly durationMs: number
  /** The status of the response, or null where none came and `error` says why. */
  readonly status: number | null
  readonly error: string | null
}

/** The delivery of one event to one endpoint. */
export interface Delivery {
  /** The `webhook-id`, which is the same on every try and after a replay. */
  readonly id: string
  readonly endpointId: string
  readonly taskId: string
  readonly seq: number
  readonly kind: EventKind
  readonly state: DeliveryState
  /** The number of tries on the schedule so far. A replay starts again at 0. */
  readonly attempts: number
  /** The latest tries, oldest first. */
  readonly tries: readonly DeliveryTry[]
  /**
   * The instant of the next try. Null when it is settled, when an older delivery of the same endpoint and task is still
   * pending (the order is kept per pair), and while the endpoint is disabled.
   */
  readonly nextAt: number | null
  readonly createdAt: number
  readonly settledAt: number | null
}

/**
 * A delivery that is promised in the commit of its event. `event` is the index of the event among those that the commit
 * appends to the task.
 */
export interface NewDelivery {
  readonly id: string
  readonly endpointId: string
  readonly event: number
  readonly kind: EventKind
  readonly at: number
}

/** The waits between tries that the Standard Webhooks specification recommends. The first try is immediate. */
const waitsMs = [
  5 * secondMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  24 * hourMs,
] as const

/** The number of tries after which a delivery fails. */
export const deliveryTriesMax = waitsMs.length + 1
const triesKept = 20
/** The longest `Retry-After` that is obeyed. A receiver that asks for more is tried again after this wait. */
export const retryAfterMsMax = 7 * dayMs

/**
 * The wait in milliseconds after this number of tries, or undefined when the delivery has failed. Up to a fifth is
 * added at random (`random` is in [0, 1)), so that deliveries that failed together do not return together. A
 * `Retry-After` is a minimum.
 */
export function deliveryWaitMs(tried: number, random: number, retryAfterMs = 0): number | undefined {
  const wait = waitsMs[tried - 1]
  if (wait === undefined) return undefined
  return Math.max(Math.round(wait * (1 + random / 5)), Math.min(retryAfterMs, retryAfterMsMax))
}

/** The outcome of a try. */
export interface TryOutcome {
  readonly at: number
  readonly endedAt: number
  readonly status: number | null
  readonly error: string | null
  readonly retryAfterMs?: number | undefined
  /** Whether another try would fail in the same way, so that the delivery fails at once. */
  readonly hopeless?: boolean
}

const gone = 410

/** Whether the receiver wants no more deliveries ever. Its endpoint is then disabled. */
export function saysGone({ status }: TryOutcome): boolean {
  return status === gone
}

/** The delivery after a try. Only 2xx counts as received. A redirect is not followed and counts as a failure. */
export function afterTry(delivery: Delivery, outcome: TryOutcome, random: number): Delivery {
  if (delivery.state !== 'pending') throw new Error(`Delivery ${delivery.id} is settled; it was not to be tried.`)
  const { at, endedAt, status, error, retryAfterMs, hopeless = false } = outcome
  const attempts = delivery.attempts + 1
  const tries = [...delivery.tries, { at, durationMs: endedAt - at, status, error }].slice(-triesKept)
  const tried = { ...delivery, attempts, tries }
  const settled = { nextAt: null, settledAt: endedAt }
  if (status !== null && status >= 200 && status < 300) return { ...tried, ...settled, state: 'delivered' }
  const wait = hopeless || saysGone(outcome) ? undefined : deliveryWaitMs(attempts, random, retryAfterMs)
  if (wait === undefined) return { ...tried, ...settled, state: 'failed' }
  return { ...tried, nextAt: endedAt + wait }
}

/** The delivery after somebody asked for it to be sent again: it starts the schedule anew under the same id. */
export function replay(delivery: Delivery, now: number): Delivery {
  return { ...delivery, state: 'pending', attempts: 0, nextAt: now, settledAt: null }
}
