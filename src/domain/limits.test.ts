import { expect, test } from 'vitest'
import { type LimitName, limitCeilings, limitDefaults } from './limits.ts'

test('every default is a whole number above 0, and at most the ceiling of its limit', () => {
  for (const [name, value] of Object.entries(limitDefaults)) {
    expect(Number.isSafeInteger(value) && value > 0, name).toBe(true)
    expect(value, name).toBeLessThanOrEqual(limitCeilings[name as LimitName] ?? value)
  }
})

test('JSON is never nested as deep as the 1,000 levels at which SQLite ends', () => {
  expect(limitCeilings).toEqual({ json_depth_max: 900 })
})
