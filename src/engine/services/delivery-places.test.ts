import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createDeliveryPlaces } from './delivery-places.ts'

const limits = {
  webhook_deliveries_running_max: 64,
  webhook_deliveries_per_receiver_max: 8,
  webhook_deliveries_unproven_max: 32,
  webhook_timeout_ms: 15_000,
}
const done = Promise.resolve()
const outcome = (status: number | null, durationMs: number) => ({ at: 0, endedAt: durationMs, status, error: null })
const prompt = outcome(200, 100)

function open() {
  const places = createDeliveryPlaces(limits)
  let ids = 0
  const try_ = (target: string, made = prompt) => {
    places.begin(target, 'once', done)
    places.end(target, 'once', made)
  }
  const fill = (target: string) => {
    const ids_: string[] = []
    while (places.free(target) > 0) {
      ids += 1
      places.begin(target, `d${ids}`, done)
      ids_.push(`d${ids}`)
    }
    return ids_
  }
  return { places, try: try_, fill }
}
const receivers = (...targets: string[]) => targets.map((target) => ({ target, nextAt: 0 }))
const names = (count: number, name = 'r') => Array.from({ length: count }, (_, index) => `${name}${index}`)

describe('a receiver', () => {
  test('that was never tried has one place', () => {
    const { places, fill } = open()
    expect(places.free('a')).toBe(1)
    expect(fill('a')).toHaveLength(1)
  })

  test.each([
    ['answered', outcome(200, 3_000), 8],
    ['answered with an error', outcome(500, 0), 8],
    ['answered late', outcome(200, 3_001), 1],
    ['did not answer', outcome(null, 15_000), 1],
    ['could not be reached', outcome(null, 1), 1],
  ])('that %s the last time has its places by that', (_, last, count) => {
    const world = open()
    world.try('a')
    world.try('a', last)
    expect(world.fill('a')).toHaveLength(count)
  })

  test('of which nothing was asked, since there was nothing to send, keeps its standing', () => {
    const world = open()
    world.try('a')
    world.try('a', { ...outcome(null, 0), hopeless: true } as typeof prompt)
    expect(world.places.free('a')).toBe(8)
  })
})

describe('all receivers together', () => {
  test('leave the last quarter to those that hold nothing', () => {
    const world = open()
    for (const name of names(20)) world.try(name)
    const counts = names(20).map((name) => world.fill(name).length)
    expect(counts).toEqual([...Array(6).fill(8), ...Array(14).fill(1)])
    expect(world.places.size).toBe(62)
  })

  test('that are unproven hold no more than their part, and get it back place by place', () => {
    const world = open()
    const [[first] = []] = names(40).map((name) => world.fill(name))
    expect(world.places.size).toBe(32)
    expect(world.places.free('r39')).toBe(0)
    world.places.end('r0', first ?? '', outcome(null, 15_000))
    expect(world.places.free('r39')).toBe(1)
  })

  test('are unproven with all that they hold once they do not answer', () => {
    const world = open()
    for (const name of names(5)) world.try(name)
    for (const name of names(5)) {
      const [one = ''] = world.fill(name)
      world.places.end(name, one, outcome(null, 15_000))
    }
    expect(world.places.size).toBe(35)
    expect(world.places.free('fresh')).toBe(0)
    world.try('proven')
    expect(world.places.free('proven')).toBe(8)
  })

  test('come in turn: prompt ones first, then untried ones, each after the one that was served last', () => {
    const world = open()
    for (const name of ['a', 'c', 'e']) world.try(name)
    world.try('b', outcome(null, 15_000))
    const all = receivers('a', 'b', 'c', 'd', 'e', 'f')
    const turn = () => world.places.inTurn(all).map(({ target }) => target)
    expect(turn()).toEqual(['a', 'c', 'e', 'd', 'f', 'b'])
    world.places.begin('a', '1', done)
    world.places.begin('d', '2', done)
    expect(turn()).toEqual(['c', 'e', 'a', 'f', 'd', 'b'])
  })

  test('never hold more than there are, whatever happens in which order', () => {
    const step = fc.record({
      target: fc.integer({ min: 0, max: 30 }),
      end: fc.boolean(),
      made: fc.constantFrom(prompt, outcome(null, 15_000), outcome(200, 9_000), undefined),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const places = createDeliveryPlaces(limits)
        const held = new Map<string, string[]>()
        let ids = 0
        for (const { target: index, end, made } of steps) {
          const target = `r${index}`
          const own = held.get(target) ?? []
          held.set(target, own)
          const one = end ? own.pop() : undefined
          if (one !== undefined) places.end(target, one, made)
          else if (places.free(target) > 0) {
            ids += 1
            places.begin(target, String(ids), done)
            own.push(String(ids))
          }
          const all = [...held.values()].map(({ length }) => length)
          expect(Math.max(...all)).toBeLessThanOrEqual(8)
          expect(places.size).toBe(all.reduce((sum, count) => sum + count, 0))
          expect(places.size).toBeLessThanOrEqual(64)
        }
      }),
    )
  })
})
