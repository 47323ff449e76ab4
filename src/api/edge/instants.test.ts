import fc from 'fast-check'
import { expect, test } from 'vitest'
import { instantOf } from './instants.ts'

test('an instant is ISO 8601 in UTC with milliseconds, whatever was asked for before', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 253_402_300_799_999 })), (instants) => {
      for (const ms of [...instants, ...instants.map((at) => at + 1)].slice(0, 40)) {
        if (ms <= 253_402_300_799_999) expect(instantOf(ms)).toBe(new Date(ms).toISOString())
      }
    }),
  )
})
