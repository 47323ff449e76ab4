import { sleep } from '../../clock/clock.ts'
import type { Delivery, TryOutcome } from '../../domain/delivery.ts'
import { dayMs } from '../../domain/durations.ts'
import { retryWhileUnavailable } from '../../runner/retry-while-store-unavailable.ts'
import type { Receiver } from '../../store/store.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { recordTry, tryDelivery } from '../webhooks/try-delivery.ts'
import { createDeliveryPlaces } from './delivery-places.ts'
import { createPollLoop, type Service } from './poll-loop.ts'

/** The longest time between two polls in milliseconds, where nothing has woken it. */
const pollEveryMs = 5_000
const forgetEveryMs = 60_000
const forgottenAtOnce = 500
const brokenWaitMs = 60_000

/** Named moments, for tests. */
export interface DelivererSignals {
  /** A poll has ended, with this many deliveries under way. */
  polled?(underWay: number): void
  /** A try was recorded. Undefined where that changed nothing, as the delivery was replayed or deleted meanwhile. */
  tried?(delivery: Delivery | undefined): void
}

/**
 * Delivers promised events: polls the due deliveries, tries them, and records the outcomes. Order is kept per endpoint and
 * task, because only the oldest pending delivery of a pair is ever due, and the next becomes so in the commit that settles
 * it. A crash between an answer and its record makes the delivery again, under the same id: at least once, and never twice
 * after a 2xx that was recorded. Receiving servers share the places (`DeliveryPlaces`), so that those which hang hold up
 * nobody else. A stop begins no delivery, and gives those under way `graceMs` to be answered.
 */
export function createWebhookDeliverer(deps: EngineDeps, signals: DelivererSignals = {}): Service {
  const { store, clock, log, limits, outbox } = deps
  const aborted = new AbortController()
  const places = createDeliveryPlaces(limits)
  let forgetAt = clock.now()

  const begin = (target: string, delivery: Delivery) => {
    let outcome: TryOutcome | undefined
    const made = (tried: TryOutcome) => {
      outcome = tried
    }
    const done = deliver(deps, delivery, aborted.signal, made)
      .then(signals.tried)
      .catch(async (error: unknown) => {
        if (aborted.signal.aborted) return
        log.error({ err: error, delivery: delivery.id }, 'a delivery broke; it is tried again')
        // The delivery keeps its place meanwhile, so that a fault of this server never hammers the receiver.
        await sleep(clock, brokenWaitMs, aborted.signal).catch(() => undefined)
      })
      .finally(() => {
        places.end(target, delivery.id, outcome)
        loop.wake(0)
      })
    places.begin(target, delivery.id, done)
  }
  const serve = async ({ target }: Receiver, now: number, isStopping: () => boolean) => {
    const room = places.free(target)
    if (room <= 0) return
    for (const delivery of await store.listDueDeliveries(target, now, places.at(target) + room)) {
      if (!isStopping() && !places.has(delivery.id) && places.free(target) > 0) begin(target, delivery)
    }
  }
  const forgetOld = async (now: number, isStopping: () => boolean) => {
    if (now < forgetAt) return
    forgetAt = now + forgetEveryMs
    const before = now - limits.webhook_deliveries_kept_days * dayMs
    while (!isStopping() && ((await store.oldestSettledDelivery()) ?? before) < before) {
      await store.commit({ write: [{ kind: 'forget_deliveries', before, limit: forgottenAtOnce }] })
    }
    // As long as a delivery can be read, its link says what became of it.
    while (!isStopping() && ((await store.oldestAnswerLink()) ?? before) < before) {
      await store.commit({ write: [{ kind: 'forget_answer_links', before, limit: forgottenAtOnce }] })
    }
  }
  const loop = createPollLoop({
    clock,
    async poll(isStopping) {
      const now = clock.now()
      let next = now + pollEveryMs
      for (const receiver of places.inTurn(await store.listReceivers())) {
        if (receiver.nextAt > now) next = Math.min(next, receiver.nextAt)
        else await serve(receiver, now, isStopping)
      }
      await forgetOld(now, isStopping)
      signals.polled?.(places.size)
      return Math.max(1, next - clock.now())
    },
    onError(error) {
      log.warn({ err: error }, 'due deliveries could not be read; trying again')
      return pollEveryMs
    },
  })
  return {
    start() {
      outbox.onPromised(() => loop.wake(0))
      loop.start(0)
    },
    async stop(graceMs) {
      const cancelAbort = clock.after(graceMs, () => aborted.abort(new Error('The server stops.')))
      await loop.stop()
      await places.allEnded()
      cancelAbort()
    },
  }
}

/** Makes one try of one delivery and records it. The record is tried again while the store is unavailable. */
async function deliver(
  deps: EngineDeps,
  delivery: Delivery,
  signal: AbortSignal,
  made: (outcome: TryOutcome) => void,
): Promise<Delivery | undefined> {
  // The delivery is read again now that nobody else can begin it: it may have been settled since it was listed.
  const current = await deps.store.readDelivery(delivery.id)
  const endpoint = await deps.store.readEndpoint(delivery.endpointId)
  if (current?.nextAt == null || current.nextAt > deps.clock.now() || endpoint?.state !== 'active') return undefined
  const outcome = await tryDelivery(deps, endpoint, delivery, signal)
  made(outcome)
  return retryWhileUnavailable(deps.clock, signal, () => recordTry(deps, delivery, outcome))
}
