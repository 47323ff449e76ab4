import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  afterTry,
  type Delivery,
  deliveryTriesMax,
  deliveryWaitMs,
  replay,
  retryAfterMsMax,
  saysGone,
} from './delivery.ts'

const fresh: Delivery = {
  id: 'd-1',
  endpointId: 'e-1',
  taskId: 't-1',
  seq: 7,
  kind: 'run.succeeded',
  state: 'pending',
  attempts: 0,
  tries: [],
  nextAt: 0,
  createdAt: 0,
  settledAt: null,
}
const failed = (at: number) => ({ at, endedAt: at + 1, status: 500, error: 'answered 500' })
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

describe('the retry schedule', () => {
  test('is that of Standard Webhooks: ten tries over three days', () => {
    const seconds = Array.from({ length: deliveryTriesMax }, (_, index) => deliveryWaitMs(index + 1, 0))
    const hours = (count: number) => count * 3_600_000
    expect(seconds).toEqual([
      5_000,
      300_000,
      1_800_000,
      hours(2),
      hours(5),
      hours(10),
      hours(14),
      hours(20),
      hours(24),
      undefined,
    ])
  })

  test('adds at most a fifth at random and never takes away', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: deliveryTriesMax - 1 }), random, (tried, fraction) => {
        const least = deliveryWaitMs(tried, 0) ?? 0
        const wait = deliveryWaitMs(tried, fraction) ?? 0
        expect(wait).toBeGreaterThanOrEqual(least)
        expect(wait).toBeLessThanOrEqual(least * 1.2 + 1)
      }),
    )
  })

  test('obeys Retry-After as a minimum, up to a week', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), random, fc.nat(2 ** 40), (tried, fraction, retryAfterMs) => {
        const wait = deliveryWaitMs(tried, fraction, retryAfterMs) ?? 0
        expect(wait).toBeGreaterThanOrEqual(Math.min(retryAfterMs, retryAfterMsMax))
        expect(wait).toBe(Math.max(deliveryWaitMs(tried, fraction) ?? 0, Math.min(retryAfterMs, retryAfterMsMax)))
      }),
    )
  })
})

describe('a delivery', () => {
  test('is delivered by any 2xx and by nothing else', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), (status) => {
        const { state } = afterTry(fresh, { ...failed(5), status }, 0)
        if (status >= 200 && status < 300) expect(state).toBe('delivered')
        else expect(state).toBe(status === 410 ? 'failed' : 'pending')
      }),
    )
  })

  test('that keeps failing is tried ten times, each later than the one before, and then given up', () => {
    fc.assert(
      fc.property(fc.array(random, { minLength: 10, maxLength: 10 }), (fractions) => {
        let delivery = fresh
        let at = 0
        for (const fraction of fractions) {
          delivery = afterTry(delivery, failed(at), fraction)
          if (delivery.nextAt !== null) {
            expect(delivery.nextAt).toBeGreaterThan(at)
            at = delivery.nextAt
          }
        }
        expect(delivery).toMatchObject({ state: 'failed', attempts: 10, nextAt: null, settledAt: at + 1 })
        expect(delivery.tries).toHaveLength(10)
        expect(at).toBeGreaterThan(3 * 86_400_000)
      }),
    )
  })

  test('keeps its id and its place through a replay, and begins the schedule again', () => {
    const given = afterTry(fresh, { ...failed(3), hopeless: true }, 0)
    const again = replay(given, 99)
    expect(again).toMatchObject({ id: fresh.id, seq: 7, state: 'pending', attempts: 0, nextAt: 99, settledAt: null })
    expect(afterTry(again, failed(99), 0).nextAt).toBe(100 + 5_000)
  })

  test('that is settled cannot be tried', () => {
    const delivered = afterTry(fresh, { ...failed(3), status: 204 }, 0)
    expect(() => afterTry(delivered, failed(4), 0)).toThrow('is settled')
  })

  test.each<[number | null, Delivery['state']]>([
    [null, 'pending'],
    [199, 'pending'],
    [200, 'delivered'],
    [204, 'delivered'],
    [299, 'delivered'],
    [300, 'pending'],
    [409, 'pending'],
    [410, 'failed'],
    [411, 'pending'],
    [500, 'pending'],
  ])('that is answered %s is %s', (status, state) => {
    const outcome = { at: 10, endedAt: 17, status, error: 'said' }
    const settled = state === 'pending' ? { nextAt: 17 + 5_000 } : { nextAt: null, settledAt: 17 }
    expect(afterTry(fresh, outcome, 0)).toStrictEqual({
      ...fresh,
      ...settled,
      state,
      attempts: 1,
      tries: [{ at: 10, durationMs: 7, status, error: 'said' }],
    })
    expect(saysGone(outcome)).toBe(status === 410)
  })

  test('fails at once where another try would fail in the same way', () => {
    const outcome = { ...failed(3), hopeless: true }
    expect(afterTry(fresh, outcome, 0)).toMatchObject({ state: 'failed', nextAt: null, settledAt: 4, attempts: 1 })
  })

  test('waits for at least as long as the receiver asked', () => {
    expect(afterTry(fresh, { ...failed(3), retryAfterMs: 90_000 }, 0).nextAt).toBe(4 + 90_000)
    expect(afterTry(fresh, { ...failed(3), retryAfterMs: 90_000, status: 410 }, 0).nextAt).toBeNull()
  })

  test('keeps its latest twenty tries', () => {
    const tries = Array.from({ length: 20 }, (_, at) => ({ at, durationMs: 1, status: 500, error: null }))
    const after = afterTry({ ...fresh, tries, attempts: 2 }, failed(99), 0)
    expect(after.tries.map(({ at }) => at)).toEqual([...Array.from({ length: 19 }, (_, at) => at + 1), 99])
  })
})
