import { expect, test } from 'vitest'
import { limitDefaults } from '../domain/limits.ts'
import { connectionsWithin, descriptorLimitIn, readDescriptorLimit } from './descriptor-limit.ts'

const limits = { connections_max: 1_000, runs_running_max: 10, webhook_deliveries_running_max: 6 }
/** 64 of the server, 4 for each run, 1 for each delivery. */
const reserved = 64 + 40 + 6

test.each([
  ['many descriptors leave connections_max', 100_000, 1_000],
  ['exactly enough leave connections_max', 1_000 + reserved, 1_000],
  ['one less takes one connection', 1_000 + reserved - 1, 999],
  ['few leave what runs and deliveries do not need', 512, 512 - reserved],
  ['too few leave a quarter', 120, 30],
  ['an unknown limit leaves connections_max', undefined, 1_000],
] as const)('%s', (_title, descriptors, connections) => {
  expect(connectionsWithin(limits, descriptors)).toBe(connections)
})

test('every run that may be running has descriptors beside all connections', () => {
  for (const descriptors of [1_024, 4_096, 20_000]) {
    const connections = connectionsWithin(limitDefaults, descriptors)
    const needed = 4 * limitDefaults.runs_running_max + limitDefaults.webhook_deliveries_running_max
    expect(connections + needed).toBeLessThan(descriptors)
  }
})

test('the limit is the soft one of the process', () => {
  const text =
    'Limit                     Soft Limit           Hard Limit           Units\nMax open files            1024                 524288               files     \n'
  expect(descriptorLimitIn(text)).toBe(1_024)
  expect(descriptorLimitIn(text.replace('1024  ', 'unlimited'))).toBeUndefined()
  if (process.platform === 'linux') expect(readDescriptorLimit()).toBeGreaterThan(0)
})
