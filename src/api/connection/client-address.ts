import ipaddr from 'ipaddr.js'

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number]

/** Whether what an address says of its own clients (`X-Forwarded-For`) is believed. */
export type IsTrustedProxy = (address: string | undefined) => boolean

/** Four numbers, or IPv6: not the shorter forms that the library reads too. */
const isAddress = (text: string) => ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text)

/** Throws for what is neither an address nor a range such as `10.0.0.0/8`. */
export function parseAddressRange(text: string): Range {
  if (!isAddress(text.replace(/\/\d+$/u, ''))) throw new Error(`"${text}" is no address and no range of addresses.`)
  if (text.includes('/')) return ipaddr.parseCIDR(text)
  const address = ipaddr.process(text)
  return [address, address.kind() === 'ipv4' ? 32 : 128]
}

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
/** What a proxy writes instead of an address is no longer than that. */
const nameCharsMax = 64

/**
 * Under which name the connections of a client are counted: its address, without a port, where a proxy adds one. Of an IPv6
 * address the first 64 bits, since whoever has one address has all that begin so.
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
