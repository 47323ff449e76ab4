import type { TryOutcome } from '../../domain/delivery.ts'
import type { Limits } from '../../domain/limits.ts'
import type { Receiver } from '../../store/store.ts'

type PlaceLimits = Pick<
  Limits,
  | 'webhook_deliveries_running_max'
  | 'webhook_deliveries_per_receiver_max'
  | 'webhook_deliveries_unproven_max'
  | 'webhook_timeout_ms'
>

/** How a receiver dealt with its last request, as far as this process knows. */
type Standing = 'prompt' | 'untried' | 'doubtful'
const standings: readonly Standing[] = ['prompt', 'untried', 'doubtful']
/** Receivers whose standing is remembered; beyond it the one that was longest not heard of is untried again. */
const rememberedMax = 10_000

/** Part of the time that an answer may take in which a prompt receiver gives it. */
const promptShare = 1 / 5
/** Part of all places that nobody takes who holds one already. */
const keptShare = 1 / 4

/**
 * Shares the requests that may be under way among the receiving servers, so that those which hang take no place from the
 * others:
 * - a receiver that answered its last request promptly may hold `webhook_deliveries_per_receiver_max`;
 * - any other holds one, and all those together `webhook_deliveries_unproven_max`;
 * - of what is left, the last quarter is for receivers that hold none.
 * What is known of a receiver is forgotten with the process.
 */
export interface DeliveryPlaces {
  /** The receivers in the order in which they are served: prompt ones, then untried ones, each after who was served last. */
  inTurn(receivers: readonly Receiver[]): Receiver[]
  /** How many further requests to it may begin now. */
  free(target: string): number
  begin(target: string, deliveryId: string, done: Promise<void>): void
  /** `outcome`: what came of a request, where one was made. */
  end(target: string, deliveryId: string, outcome: TryOutcome | undefined): void
  has(deliveryId: string): boolean
  /** Requests to it that are under way. */
  at(target: string): number
  readonly size: number
  allEnded(): Promise<void>
}

export function createDeliveryPlaces(limits: PlaceLimits): DeliveryPlaces {
  const running = new Map<string, Promise<void>>()
  const held = new Map<string, number>()
  const known = new Map<string, 'prompt' | 'doubtful'>()
  const servedLast: Record<Standing, string> = { prompt: '', untried: '', doubtful: '' }
  let unproven = 0

  const total = limits.webhook_deliveries_running_max
  const promptMs = limits.webhook_timeout_ms * promptShare
  const at = (target: string) => held.get(target) ?? 0
  const standingOf = (target: string): Standing => known.get(target) ?? 'untried'

  /** One that loses its standing while it holds several places keeps them until they end. */
  const countUnproven = () => {
    unproven = 0
    for (const [target, count] of held) if (standingOf(target) !== 'prompt') unproven += count
  }

  const remember = (target: string, { status, at: askedAt, endedAt }: TryOutcome) => {
    known.delete(target) // so that it stands last again
    known.set(target, status !== null && endedAt - askedAt <= promptMs ? 'prompt' : 'doubtful')
    const [oldest] = known.keys()
    if (known.size > rememberedMax && oldest !== undefined) known.delete(oldest)
  }

  return {
    inTurn(receivers) {
      return standings.flatMap((standing) => {
        const alike = receivers.filter(({ target }) => standingOf(target) === standing)
        const last = servedLast[standing]
        return [...alike.filter(({ target }) => target > last), ...alike.filter(({ target }) => target <= last)]
      })
    },
    free(target) {
      const left = total - running.size
      if (standingOf(target) !== 'prompt') {
        return at(target) === 0 && unproven < limits.webhook_deliveries_unproven_max ? Math.min(left, 1) : 0
      }
      const unkept = left - Math.floor(total * keptShare)
      const first = at(target) === 0 ? Math.min(left, 1) : 0
      return Math.max(first, Math.min(unkept, limits.webhook_deliveries_per_receiver_max - at(target)))
    },
    begin(target, deliveryId, done) {
      running.set(deliveryId, done)
      held.set(target, at(target) + 1)
      servedLast[standingOf(target)] = target
      countUnproven()
    },
    end(target, deliveryId, outcome) {
      running.delete(deliveryId)
      if (at(target) > 1) held.set(target, at(target) - 1)
      else held.delete(target)
      if (outcome !== undefined && outcome.hopeless !== true) remember(target, outcome)
      countUnproven()
    },
    has: (deliveryId) => running.has(deliveryId),
    at,
    get size() {
      return running.size
    },
    async allEnded() {
      while (running.size > 0) await Promise.all(running.values())
    },
  }
}
