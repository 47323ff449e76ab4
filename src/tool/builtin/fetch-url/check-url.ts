import { isIP } from 'node:net'
import { isReachableAddress } from '../../public-address.ts'
import { ToolError } from '../../tool.ts'

const urlCharsMax = 8000

/**
 * Parses a URL and checks what its text shows: http or https, no credentials, no address that the server does not
 * connect to. The parser has already normalised every spelling of an address (0x7f.1, 2130706433). The dispatcher
 * checks the addresses that a name resolves to.
 */
export function checkUrl(text: string, base: URL | undefined, allowPrivateNetwork: boolean): URL {
  const url = text.length <= urlCharsMax && URL.canParse(text, base?.href) ? new URL(text, base) : undefined
  if (url === undefined) throw refused(text, 'is not a URL, such as https://example.com/page')
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refused(text, 'must begin with http:// or https://')
  if (url.username !== '' || url.password !== '') throw refused(text, 'must not hold a user name or a password')
  // Policies see one spelling of a host, without the root dot, so that an invalid name must not pass for another.
  if (/^\.|\.\./u.test(url.hostname)) throw refused(text, 'must not hold an empty name in its host')
  const address = url.hostname.replace(/^\[(.*)\]$/u, '$1')
  if (isIP(address) !== 0 && !isReachableAddress(address, allowPrivateNetwork)) throw addressRefused(url.hostname)
  return url
}

/** The error for an address that the server does not connect to. */
export function addressRefused(host: string, cause?: unknown): ToolError {
  return new ToolError(
    'url_refused',
    `${host} is not on the public internet. The operator opens private networks with MANDATE_ALLOW_PRIVATE_NETWORK=1.`,
    cause,
  )
}

function refused(text: string, reason: string): ToolError {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text
  return new ToolError('url_refused', `The URL ${JSON.stringify(shown)} ${reason}.`)
}
