import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { NewEvent } from '../../domain/event.ts'
import { append, type Commit } from '../commit.ts'
import { createRecentEvents } from './recent-events.ts'

/** `count` events whose instants go on from `from`. */
function eventsFrom(from: number, count: number): NewEvent[] {
  return Array.from({ length: count }, (_, i) => {
    return { kind: 'run.paused', run: 'run', attempt: null, at: from + i, facts: {}, contents: {} }
  })
}

function commitOf(...writes: readonly (readonly [task: string, events: readonly NewEvent[]])[]): Commit {
  return { write: writes.map(([task, events]) => append(task, events)) }
}

const committed = (lastSeq: Readonly<Record<string, number>>) => ({ committed: true as const, lastSeq, numbers: {} })

test('a journal that was seen from its first event is remembered whole, in every range', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
      fc.nat(40),
      fc.nat(40),
      (counts, after, limit) => {
        const recent = createRecentEvents()
        let last = 0
        for (const count of counts) {
          // Two writes of one commit, and another task's between them.
          const [first, second] = [eventsFrom(last + 1, 1), eventsFrom(last + 2, count - 1)]
          last += count
          recent.apply(commitOf(['a', first], ['b', eventsFrom(1, 1)], ['a', second]), committed({ a: last, b: 1 }))
        }
        const all = eventsFrom(1, last).map((event) => ({ seq: event.at, ...event }))
        expect(recent.read('a', after, limit)).toEqual(all.slice(after, after + limit))
      },
    ),
  )
})

test('a journal that was not seen from its first event is not remembered', () => {
  const recent = createRecentEvents()
  recent.apply(commitOf(['a', eventsFrom(4, 2)]), committed({ a: 5 }))
  expect(recent.read('a', 0, 10)).toBeUndefined()
  recent.apply(commitOf(['a', eventsFrom(6, 1)]), committed({ a: 6 }))
  expect(recent.read('a', 5, 10)).toBeUndefined()
})

test('a journal with a gap is forgotten, and stays so', () => {
  const recent = createRecentEvents()
  recent.apply(commitOf(['a', eventsFrom(1, 3)]), committed({ a: 3 }))
  expect(recent.read('a', 0, 10)).toHaveLength(3)
  recent.apply(commitOf(['a', eventsFrom(5, 1)]), committed({ a: 5 }))
  expect(recent.read('a', 0, 10)).toBeUndefined()
  recent.apply(commitOf(['a', eventsFrom(6, 1)]), committed({ a: 6 }))
  expect(recent.read('a', 0, 10)).toBeUndefined()
})

test('a journal of 40 events is remembered, a longer one is forgotten', () => {
  const recent = createRecentEvents()
  recent.apply(commitOf(['a', eventsFrom(1, 40)]), committed({ a: 40 }))
  expect(recent.read('a', 0, 100)).toHaveLength(40)
  recent.apply(commitOf(['a', eventsFrom(41, 1)]), committed({ a: 41 }))
  expect(recent.read('a', 0, 100)).toBeUndefined()
})

test('of very many tasks those that changed last are remembered', () => {
  const recent = createRecentEvents()
  for (let i = 0; i < 3_000; i += 1) {
    const task = `task-${i}`
    recent.apply(commitOf([task, eventsFrom(1, 1)]), committed({ [task]: 1 }))
  }
  expect(recent.read('task-2999', 0, 10)).toHaveLength(1)
  expect(recent.read('task-0', 0, 10)).toBeUndefined()
})
