import ipaddr from 'ipaddr.js'

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number]

/** Tells whether an address is believed about its own clients (`X-Forwarded-For`). */
export type IsTrustedProxy = (address: string | undefined) => boolean

/** Accepts four numbers, or IPv6, and not the shorter forms that the library reads too. */
const isAddress = (text: string) => ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text)

/** Reads an address, or a range such as `10.0.0.0/8`. Throws for any other text. */
export function parseAddressRange(text: string): Range {
  if (!isAddress(text.replace(/\/\d+$/u, ''))) throw new Error(`"${text}" is no address and no range of addresses.`)
  if (text.includes('/')) return ipaddr.parseCIDR(text)
  const address = ipaddr.process(text)
  return [address, address.kind() === 'ipv4' ? 32 : 128]
}

/** Trusts the proxies whose addresses lie in these ranges; none where there are no ranges. */
export function trustProxiesIn(ranges: readonly string[]): IsTrustedProxy {
  const parsed = ranges.map(parseAddressRange)
  return (text) => {
    if (parsed.length === 0 || text === undefined || !isAddress(text)) return false
    const address = ipaddr.process(text)
    return parsed.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits))
  }
}

const ipv4WithPort = /^(\d+\.\d+\.\d+\.\d+):\d+$/u
const ipv6WithPort = /^\[(.+)\](?::\d+)?$/u
/** The longest name that a proxy may write in place of an address. */
const nameCharsMax = 64

/**
 * Returns the name under which the connections of a client are counted: its address, without a port where a proxy adds one.
 * For IPv6 it is the first 64 bits, since whoever has one address has all that begin with them.
 */
export function clientOf(text: string): string {
  const bare = ipv4WithPort.exec(text)?.[1] ?? ipv6WithPort.exec(text)?.[1] ?? text
  if (!isAddress(bare)) return bare.slice(0, nameCharsMax)
  const address = ipaddr.process(bare)
  if (address.kind() === 'ipv4') return address.toString()
  return `${(address as ipaddr.IPv6).parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`
}
