import { describe, expect, test } from 'vitest'
import { median, percentile } from './statistics.ts'

describe('statistics', () => {
  test('takes percentiles by nearest rank', () => {
    const samples = Array.from({ length: 100 }, (_, i) => 100 - i)
    expect([0, 0.5, 0.99, 1].map((p) => percentile(samples, p))).toEqual([1, 50, 99, 100])
    expect(percentile([], 0.5)).toBeNaN()
  })

  test('takes the middle, or the mean of the two in the middle', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5])
  })
})
