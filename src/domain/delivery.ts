import type { EventKind } from './event.ts'

export const deliveryStates = ['pending', 'delivered', 'failed'] as const
export type DeliveryState = (typeof deliveryStates)[number]

/** One request that was made, or could not be. */
export interface DeliveryTry {
  readonly at: number
  readonly durationMs: number
  /** Null where no answer came; `error` says why. */
  readonly status: number | null
  readonly error: string | null
}

/** One event on its way to one endpoint. */
export interface Delivery {
  /** The `webhook-id`: the same on every try, and after a replay. */
  readonly id: string
  readonly endpointId: string
  readonly taskId: string
  readonly seq: number
  readonly kind: EventKind
  readonly state: DeliveryState
  /** Tries on the schedule so far; a replay begins again at 0. */
  readonly attempts: number
  /** The latest tries, oldest first. */
  readonly tries: readonly DeliveryTry[]
  /**
   * When it is tried next. Null when it is settled, when an older one of the same endpoint and task is still pending (order
   * is kept per pair), and while the endpoint is disabled.
   */
  readonly nextAt: number | null
  readonly createdAt: number
  readonly settledAt: number | null
}

/** A delivery that is promised in the commit of its event; `event` is its index among the events appended to the task there. */
export interface NewDelivery {
  readonly id: string
  readonly endpointId: string
  readonly event: number
  readonly kind: EventKind
  readonly at: number
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** The waits between tries that the Standard Webhooks specification recommends; the first try is made at once. */
const waitsMs = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
] as const

export const deliveryTriesMax = waitsMs.length + 1
const triesKept = 20
/** A receiver that asks for a longer wait is asked again after this one. */
export const retryAfterMsMax = 7 * 24 * hour

/**
 * How long to wait after so many tries, or undefined when it is given up. Up to a fifth is added at random (`random` is in
 * [0, 1)), so that what failed together does not come back together; a `Retry-After` is obeyed as a minimum.
 */
export function deliveryWaitMs(tried: number, random: number, retryAfterMs = 0): number | undefined {
  const wait = waitsMs[tried - 1]
  if (wait === undefined) return undefined
  return Math.max(Math.round(wait * (1 + random / 5)), Math.min(retryAfterMs, retryAfterMsMax))
}

/** What came of a try. */
export interface TryOutcome {
  readonly at: number
  readonly endedAt: number
  readonly status: number | null
  readonly error: string | null
  readonly retryAfterMs?: number | undefined
  /** Trying again would give the same: the delivery is given up. */
  readonly hopeless?: boolean
}

const gone = 410

/** Whether the receiver says that it wants nothing more, ever: its endpoint is to be disabled. */
export function saysGone({ status }: TryOutcome): boolean {
  return status === gone
}

/** The delivery after a try. Only 2xx is taken as received; redirects are not followed and count as any other failure. */
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

/** The delivery as it is when somebody asks for it to be tried again: from the start of the schedule, under the same id. */
export function replay(delivery: Delivery, now: number): Delivery {
  return { ...delivery, state: 'pending', attempts: 0, nextAt: now, settledAt: null }
}
