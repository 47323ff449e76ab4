import { lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction, type Socket } from 'node:net'
import type { buildConnector, Dispatcher } from 'undici'
import { isReachableAddress } from '../../public-address.ts'

/** The options of a dispatcher. */
export interface GuardedDispatcherOptions {
  readonly allowPrivateNetwork: boolean
  readonly connectMs: number
  /** The resolver of names, by default the system's. */
  readonly lookup?: LookupFunction | undefined
}

/** Thrown for a host with an address that the server does not connect to. */
export class AddressRefused extends Error {
  readonly host: string
  constructor(host: string) {
    super(`${host} leads to an address outside the public internet`)
    this.name = 'AddressRefused'
    this.host = host
  }
}

/**
 * A dispatcher for undici that connects to allowed addresses only, however the host is spelled and whatever the DNS
 * returns: addresses in the URL and from the DNS are checked before a connection is opened, and the address that was
 * really reached before a byte is sent. A refused one fails with AddressRefused as its cause. The caller destroys the
 * dispatcher.
 */
export async function createGuardedDispatcher(options: GuardedDispatcherOptions): Promise<Dispatcher> {
  // The module is loaded at the first use and not at the start of the server.
  const { Agent, buildConnector } = await import('undici')
  const connect = buildConnector({
    timeout: options.connectMs,
    allowH2: false,
    lookup: guardedLookup(options),
  })
  return new Agent({ connect: guardedConnector(connect, options), maxOrigins: 16, connections: 1 })
}

/** Wraps a connector of undici. It is separate from the dispatcher so that a test can replace the socket. */
export function guardedConnector(
  connect: buildConnector.connector,
  { allowPrivateNetwork }: Pick<GuardedDispatcherOptions, 'allowPrivateNetwork'>,
): buildConnector.connector {
  return (target, callback) => {
    const { hostname } = target
    const literal = hostname.replace(/^\[(.*)\]$/u, '$1')
    if (isIP(literal) !== 0 && !isReachableAddress(literal, allowPrivateNetwork)) {
      return callback(new AddressRefused(hostname), null)
    }
    // The connection is plain at first, also for https: TLS must not greet an address that was not checked.
    connect({ ...target, protocol: 'http:', port: target.port || defaultPort(target.protocol) }, (error, socket) => {
      if (error !== null) return callback(error, null)
      if (!reachedAllowed(socket, allowPrivateNetwork)) {
        socket.destroy()
        return callback(new AddressRefused(hostname), null)
      }
      if (target.protocol !== 'https:') return callback(null, socket)
      connect({ ...target, httpSocket: socket }, callback)
    })
  }
}

function defaultPort(protocol: string): string {
  return protocol === 'https:' ? '443' : '80'
}

function reachedAllowed(socket: Socket, allowPrivateNetwork: boolean): boolean {
  return socket.remoteAddress !== undefined && isReachableAddress(socket.remoteAddress, allowPrivateNetwork)
}

/** Resolves a name to its allowed addresses, and fails with AddressRefused where it has no other. */
function guardedLookup({ allowPrivateNetwork, lookup = systemLookup }: GuardedDispatcherOptions): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '')
      const answers = typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found
      const allowed = answers.filter(({ address }) => isReachableAddress(address, allowPrivateNetwork))
      const [first] = allowed
      if (first === undefined) return callback(new AddressRefused(hostname), '')
      if (options.all === true) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
  }
}
