import ipaddr from 'ipaddr.js'

/**
 * The ranges that MANDATE_ALLOW_PRIVATE_NETWORK=1 opens besides the public internet. Link-local addresses (cloud
 * metadata) are never among them.
 */
const privateRanges: ReadonlySet<string> = new Set([
  'loopback',
  'private',
  'uniqueLocal',
  'carrierGradeNat',
  'unspecified',
])

/**
 * Whether an IP address, in any spelling that a socket reports, belongs to the public internet: not loopback, private,
 * link-local, multicast, reserved, or IPv6 that carries an IPv4 address of its own choosing. False where it is no
 * address.
 */
export function isPublicAddress(address: string): boolean {
  const parsed = parse(address)
  if (parsed === undefined || parsed.range() !== 'unicast') return false
  // 2000::/3 is all of IPv6 that was ever assigned. The parser counts ::7f00:1 and the like as unicast.
  return parsed instanceof ipaddr.IPv4 || ((parsed.parts[0] ?? 0) & 0xe000) === 0x2000
}

/** Whether the server may connect to this address. */
export function isReachableAddress(address: string, allowPrivateNetwork: boolean): boolean {
  if (isPublicAddress(address)) return true
  const parsed = parse(address)
  return allowPrivateNetwork && parsed !== undefined && privateRanges.has(parsed.range())
}

function parse(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  // Only the spellings of a socket or the DNS are accepted: the parser would also accept octal and hexadecimal forms.
  const isPlain = address.includes(':') || ipaddr.IPv4.isValidFourPartDecimal(address)
  return isPlain && ipaddr.isValid(address) ? ipaddr.process(address) : undefined
}
