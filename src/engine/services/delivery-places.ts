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

/** A receiver's behaviour at its last request, as far as this process knows. */
type Standing = 'prompt' | 'untried' | 'doubtful'
const standings: readonly Standing[] = ['prompt', 'untried', 'doubtful']
/**
 * The receivers whose standing is remembered. Beyond it, the one that was not heard of for longest counts as untried again.
 */
const rememberedMax = 10_000

/** A prompt receiver answers within this part of the time that an answer may take. */
const promptShare = 1 / 5
/** This part of all places is kept for receivers that hold none. */
const keptShare = 1 / 4

/**
 * Shares the requests that may be under way among the receiving servers, so that those which hang take no place from the
 * others:
 * - a receiver that answered its last request promptly may hold `webhook_deliveries_per_receiver_max`;
 * - any other holds one, and all those together `webhook_deliveries_unproven_max`;
 * - the last quarter of the rest is for receivers that hold none.
 * A restart forgets what is known of receivers.
 */
export interface DeliveryPlaces {
  /**
   * Orders receivers as they are served: prompt ones, then untried ones, then doubtful ones, each kind in turn after the one
   * that was served last.
   */
  inTurn(receivers: readonly Receiver[]): Receiver[]
  /** Returns the number of further requests to it that may begin now. */
  free(target: string): number
  begin(target: string, deliveryId: string, done: Promise<void>): void
  /** Frees the place. `outcome` is the outcome of the request, where one was made. */
  end(target: string, deliveryId: string, outcome: TryOutcome | undefined): void
  has(deliveryId: string): boolean
  /** Returns the number of requests to it that are under way. */
  at(target: string): number
  readonly size: number
  allEnded(): Promise<void>
}

/** Creates the places of one process, all of them free. */
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

  /** A receiver that loses its standing while it holds several places keeps them until they end. */
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
