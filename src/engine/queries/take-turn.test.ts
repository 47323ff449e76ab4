import { expect, test } from 'vitest'
import { takeTurn } from './take-turn.ts'

test('one of those who wait goes on in each turn of the event loop, in the order in which they came', async () => {
  const gone: string[] = []
  const readers = ['a', 'b', 'c'].map(async (name) => {
    for (const page of [1, 2]) {
      await takeTurn()
      gone.push(`${name}${page}`)
    }
  })
  const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))
  const byTurn: number[] = []
  while (gone.length < 6) {
    const before = gone.length
    await nextTurn()
    byTurn.push(gone.length - before)
  }
  await Promise.all(readers)
  expect(gone).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2'])
  expect(Math.max(...byTurn)).toBe(1)
})
