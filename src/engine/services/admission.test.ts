import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { QueuedLane } from '../../dispatch/dispatch.ts'
import { chooseLane, type Load } from './admission.ts'

function load(over: Partial<Load> = {}): Load {
  return { slotsMax: 10, total: 0, byOwner: new Map(), byAgent: new Map(), agentLimit: () => undefined, ...over }
}

function lane(over: Partial<QueuedLane>): QueuedLane {
  return { place: 'cloud:default', priority: 5, ownerId: 'o', agentId: 'a', queuedAt: 0, ...over }
}

test('priority goes before fairness, fairness before age', () => {
  const urgent = lane({ priority: 9, ownerId: 'busy', queuedAt: 9 })
  const fair = lane({ ownerId: 'idle', queuedAt: 8 })
  const old = lane({ ownerId: 'busy', queuedAt: 1 })
  const older = lane({ ownerId: 'idle', agentId: 'b', queuedAt: 2 })
  const busy = load({ total: 1, byOwner: new Map([['busy', 1]]) })
  expect(chooseLane(busy, [old, fair, urgent])).toBe(urgent)
  expect(chooseLane(busy, [old, fair])).toBe(fair)
  expect(chooseLane(busy, [fair, older, old])).toBe(older)
})

test('a full server starts nothing, and an agent at its limit stands aside', () => {
  expect(chooseLane(load({ total: 10 }), [lane({})])).toBeUndefined()
  const limited = load({ byAgent: new Map([['a', 2]]), agentLimit: (agent) => (agent === 'a' ? 2 : undefined) })
  const other = lane({ agentId: 'b', queuedAt: 5 })
  expect(chooseLane(limited, [lane({}), other])).toBe(other)
})

test('the choice does not depend on the order in which lanes are listed', () => {
  const lanes = fc.uniqueArray(
    fc.record({ priority: fc.integer({ min: 1, max: 3 }), ownerId: fc.constantFrom('x', 'y'), queuedAt: fc.nat(50) }),
    { selector: ({ queuedAt }) => queuedAt },
  )
  fc.assert(
    fc.property(lanes, fc.nat(3), (given, running) => {
      const state = load({ byOwner: new Map([['x', running]]) })
      const all = given.map((each) => lane(each))
      expect(chooseLane(state, all.toReversed())).toEqual(chooseLane(state, all))
    }),
  )
})
