import { afterTry, type Delivery, saysGone, type TryOutcome } from '../../domain/delivery.ts'
import { retryAfterMsOf } from '../../domain/durations.ts'
import type { Endpoint } from '../../domain/webhook.ts'
import { deliveryAt, endpointAt, type Requirement, type Write } from '../../store/commit.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { retryChanged } from '../retry-changed.ts'
import { HopelessDelivery, prepareRequest } from './prepare-request.ts'
import { WebhookSendError } from './webhook-deps.ts'

/**
 * Makes one try and answers with its outcome. Throws the signal's reason when it is aborted (then the try does not count),
 * and nothing else: a fault of this server counts as a failed try too, since a later version may do better.
 */
export async function tryDelivery(
  deps: EngineDeps,
  endpoint: Endpoint,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<TryOutcome> {
  const { clock, webhooks, limits, log } = deps
  const at = clock.now()
  const overtime = new AbortController()
  const timedOut = new WebhookSendError(`no answer within ${limits.webhook_timeout_ms} ms`)
  let cancel: () => void = () => undefined
  try {
    const request = await prepareRequest(deps, endpoint, delivery)
    cancel = clock.after(limits.webhook_timeout_ms, () => overtime.abort(timedOut))
    const { status, retryAfter } = await webhooks.send(request, AbortSignal.any([signal, overtime.signal]))
    const endedAt = clock.now()
    return { at, endedAt, status, error: errorOf(status), retryAfterMs: retryAfterMsOf(retryAfter, endedAt) }
  } catch (error) {
    signal.throwIfAborted()
    const failed = { at, endedAt: clock.now(), status: null }
    if (overtime.signal.aborted) return { ...failed, error: timedOut.message }
    if (error instanceof HopelessDelivery) return { ...failed, error: error.message, hopeless: true }
    if (error instanceof WebhookSendError) return { ...failed, error: error.message }
    log.error({ err: error, delivery: delivery.id }, 'a delivery could not be made')
    return { ...failed, error: 'the server could not make the request' }
  } finally {
    cancel()
  }
}

function errorOf(status: number): string | null {
  if (status >= 200 && status < 300) return null
  if (status >= 300 && status < 400) return `answered ${status}: redirects are not followed`
  return `answered ${status}`
}

/**
 * Records a try: the delivery's new state and, in the same commit, what the receiver asked of its endpoint: to wait
 * (Retry-After) or to be left alone (410). Answers undefined, and changes nothing, when the delivery was replayed or deleted
 * in the meantime.
 */
export async function recordTry(
  deps: EngineDeps,
  delivery: Delivery,
  outcome: TryOutcome,
): Promise<Delivery | undefined> {
  const next = afterTry(delivery, outcome, deps.randomness.fraction())
  const held = outcome.retryAfterMs !== undefined && next.nextAt !== null
  const hold: Write[] = held ? [{ kind: 'hold_endpoint', endpoint: delivery.endpointId, until: next.nextAt ?? 0 }] : []
  if (!saysGone(outcome)) return commitTry(deps, delivery, next, [], hold)
  const recorded = await retryChanged(async () => {
    const endpoint = await deps.store.readEndpoint(delivery.endpointId)
    if (endpoint === undefined || endpoint.state === 'disabled') {
      return { delivery: await commitTry(deps, delivery, next, [], []) }
    }
    const updatedAt = Math.max(deps.clock.now(), endpoint.updatedAt + 1)
    const disabled: Endpoint = { ...endpoint, state: 'disabled', disabledBecause: 'gone', updatedAt }
    const require = [endpointAt(endpoint.id, endpoint.updatedAt)]
    const saved = await commitTry(deps, delivery, next, require, [{ kind: 'save_endpoint', endpoint: disabled }])
    if (saved !== undefined) deps.outbox.refresh(disabled)
    const changed =
      saved === undefined && (await deps.store.readEndpoint(endpoint.id))?.updatedAt !== endpoint.updatedAt
    return changed ? undefined : { delivery: saved }
  })
  return recorded.delivery
}

async function commitTry(
  { store }: Pick<EngineDeps, 'store'>,
  before: Delivery,
  delivery: Delivery,
  require: readonly Requirement[],
  write: readonly Write[],
): Promise<Delivery | undefined> {
  const outcome = await store.commit({
    require: [deliveryAt(before), ...require],
    write: [{ kind: 'save_delivery', delivery }, ...write],
  })
  return outcome.committed ? delivery : undefined
}
