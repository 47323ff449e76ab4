import { describe, expect, test } from 'vitest'
import { isPublicAddress, isReachableAddress } from './public-address.ts'

const local = [
  '127.0.0.1',
  '127.9.9.9',
  '::1',
  '0.0.0.0',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '100.64.0.1',
  'fd00::1',
]
const never = [
  '169.254.169.254',
  'fe80::1',
  '224.0.0.1',
  'ff02::1',
  '255.255.255.255',
  '240.0.0.1',
  '192.0.2.1',
  '198.18.0.1',
  '::7f00:1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001:db8::1',
  'fec0::1',
  '4000::1',
  '',
  'localhost',
  '2130706433',
  '0x7f.1',
  '0177.0.0.1',
  '127.1',
]

describe('a public address', () => {
  test.each(['8.8.8.8', '1.1.1.1', '2606:4700::1111', '::ffff:8.8.8.8', '172.32.0.1'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true)
    expect(isReachableAddress(address, false)).toBe(true)
  })
  test.each([...local, '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1'])(
    '%s is reached only where allowed',
    (address) => {
      expect(isPublicAddress(address)).toBe(false)
      expect(isReachableAddress(address, false)).toBe(false)
      expect(isReachableAddress(address, true)).toBe(true)
    },
  )
  test.each(never)('%j is never reached', (address) => {
    expect(isPublicAddress(address)).toBe(false)
    expect(isReachableAddress(address, true)).toBe(false)
  })
})
