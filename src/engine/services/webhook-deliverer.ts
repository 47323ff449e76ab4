import { sleep } from '../../clock/clock.ts'
import type { Delivery, TryOutcome } from '../../domain/delivery.ts'
import { isRefusal } from '../../domain/refusal.ts'
import type { Receiver } from '../../store/store.ts'
import type { ServerDeps } from '../server-deps.ts'
import { singleFlight } from '../single-flight.ts'
import { recordTry, tryDelivery } from '../webhooks/try-delivery.ts'
import { createDeliveryPlaces } from './delivery-places.ts'

/** How long it trusts that a hint would have come. */
const lookAgainMs = 5_000
const forgetEveryMs = 60_000
const forgottenAtOnce = 500
const brokenWaitMs = 60_000

/** Named moments, for tests. */
export interface DelivererSignals {
  /** A look has ended; so many deliveries are under way. */
  looked?(underWay: number): void
  /** A try was recorded (undefined: it changed nothing, as the delivery was replayed or deleted meanwhile). */
  tried?(delivery: Delivery | undefined): void
}

/**
 * Delivers what was promised: looks for what is due, tries it, records what came of it. Order is kept per endpoint and task
 * because only the oldest pending delivery of a pair is ever due, and the next becomes so in the commit that settles it. A
 * crash between an answer and its record makes the delivery again, under the same id: at least once, never twice after a 2xx
 * that was recorded. Receiving servers share the places (`DeliveryPlaces`), so that those which hang hold up nobody else.
 * Answers a function that stops it: nothing new is begun, and what is under way gets `graceMs` to be answered.
 */
export function startWebhookDeliverer(
  deps: ServerDeps,
  signals: DelivererSignals = {},
): (graceMs: number) => Promise<void> {
  const { store, clock, log, limits, outbox } = deps
  const cut = new AbortController()
  const places = createDeliveryPlaces(limits)
  let stopped = false
  let cancelTimer: () => void = () => undefined
  let forgetAt = clock.now()

  const begin = (target: string, delivery: Delivery) => {
    let outcome: TryOutcome | undefined
    const made = (tried: TryOutcome) => {
      outcome = tried
    }
    const done = deliver(deps, delivery, cut.signal, made)
      .then(signals.tried)
      .catch(async (error: unknown) => {
        if (cut.signal.aborted) return
        log.error({ err: error, delivery: delivery.id }, 'a delivery broke; it is tried again')
        // It keeps its place under way meanwhile: what is our own fault must not hammer the receiver.
        await sleep(clock, brokenWaitMs, cut.signal).catch(() => undefined)
      })
      .finally(() => {
        places.end(target, delivery.id, outcome)
        look()
      })
    places.begin(target, delivery.id, done)
  }
  const serve = async ({ target }: Receiver, now: number) => {
    const room = places.free(target)
    if (room <= 0) return
    for (const delivery of await store.listDueDeliveries(target, now, places.at(target) + room)) {
      if (!stopped && !places.has(delivery.id) && places.free(target) > 0) begin(target, delivery)
    }
  }
  const lookOnce = async () => {
    cancelTimer()
    if (stopped) return
    const now = clock.now()
    let next = now + lookAgainMs
    for (const receiver of places.inTurn(await store.listReceivers())) {
      if (receiver.nextAt > now) next = Math.min(next, receiver.nextAt)
      else await serve(receiver, now)
    }
    await forgetOld(now)
    if (!stopped) cancelTimer = clock.after(Math.max(1, next - clock.now()), look)
    signals.looked?.(places.size)
  }
  const forgetOld = async (now: number) => {
    if (now < forgetAt) return
    forgetAt = now + forgetEveryMs
    const before = now - limits.webhook_deliveries_kept_days * 86_400_000
    while (!stopped && ((await store.oldestSettledDelivery()) ?? before) < before) {
      await store.commit({ write: [{ kind: 'forget_deliveries', before, limit: forgottenAtOnce }] })
    }
  }
  const look = singleFlight(lookOnce, (error) => {
    log.warn({ err: error }, 'the deliverer could not look; trying again')
    if (!stopped) cancelTimer = clock.after(lookAgainMs, look)
  })

  outbox.onPromised(look)
  look()
  return async (graceMs) => {
    stopped = true
    cancelTimer()
    const cancelCut = clock.after(graceMs, () => cut.abort(new Error('The server stops.')))
    await places.allEnded()
    cancelCut()
  }
}

/** One try of one delivery, and its record, which waits for an ill disk to be well. */
async function deliver(
  deps: ServerDeps,
  delivery: Delivery,
  cut: AbortSignal,
  made: (outcome: TryOutcome) => void,
): Promise<Delivery | undefined> {
  // Read again now that nobody else can begin it: it may have been settled since it was listed.
  const current = await deps.store.readDelivery(delivery.id)
  const endpoint = await deps.store.readEndpoint(delivery.endpointId)
  if (current?.nextAt == null || current.nextAt > deps.clock.now() || endpoint?.state !== 'active') return undefined
  const outcome = await tryDelivery(deps, endpoint, delivery, cut)
  made(outcome)
  for (;;) {
    try {
      return await recordTry(deps, delivery, outcome)
    } catch (error) {
      if (!isRefusal(error, 'storage_unavailable') && !isRefusal(error, 'overloaded')) throw error
      await sleep(deps.clock, error.retryAfterMs ?? 1_000, cut)
    }
  }
}
