import { expect, test } from 'vitest'
import { createSystemRandomness } from './system-randomness.ts'

test('ids are version 7 UUIDs, all different, and sort by time', () => {
  let now = 1_767_225_600_000
  const randomness = createSystemRandomness(() => now)
  const ids = Array.from({ length: 5_000 }, () => {
    now += 1
    return randomness.newId()
  })
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u)
  expect(new Set(ids).size).toBe(ids.length)
  expect([...ids].sort()).toEqual(ids)
})

test('salts are 32 hex digits and fractions lie in [0, 1)', () => {
  const randomness = createSystemRandomness(() => 0)
  expect(randomness.newSalt()).toMatch(/^[0-9a-f]{32}$/u)
  for (let i = 0; i < 100; i += 1) {
    const fraction = randomness.fraction()
    expect(fraction).toBeGreaterThanOrEqual(0)
    expect(fraction).toBeLessThan(1)
  }
})
