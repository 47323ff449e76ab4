import { expect, test } from 'vitest'
import { clientOf, parseAddressRange, trustProxiesIn } from './client-address.ts'

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['192.0.2.7:4711', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['[2001:db8:1:2::9]:4711', '2001:db8:1:2::/64'],
  ['[2001:db8:1:2::9]', '2001:db8:1:2::/64'],
  ['::1', '0:0:0:0::/64'],
  ['unknown', 'unknown'],
  ['x'.repeat(1_000), 'x'.repeat(64)],
])('connections of %s are counted as those of %s', (address, client) => {
  expect(clientOf(address)).toBe(client)
})

test.each([
  [['10.0.0.0/8'], '10.1.2.3', true],
  [['10.0.0.0/8'], '::ffff:10.1.2.3', true],
  [['10.0.0.0/8'], '11.1.2.3', false],
  [['10.0.0.7'], '10.0.0.7', true],
  [['10.0.0.7'], '10.0.0.8', false],
  [['fd00::/8', '127.0.0.1'], 'fd12::1', true],
  [['fd00::/8', '127.0.0.1'], '127.0.0.1', true],
  [['fd00::/8', '127.0.0.1'], '::1', false],
  [['0.0.0.0/0'], '2001:db8::1', false],
  [['10.0.0.0/8'], 'unknown', false],
  [['10.0.0.0/8'], undefined, false],
  [[], '127.0.0.1', false],
])('of %j, %s is a trusted proxy: %s', (ranges, address, trusted) => {
  expect(trustProxiesIn(ranges)(address)).toBe(trusted)
})

test.each(['10.0.0.0/33', '10.0.0', 'proxy.example', '10.0.0.0/', ''])('"%s" is no range', (text) => {
  expect(() => parseAddressRange(text)).toThrow()
})
