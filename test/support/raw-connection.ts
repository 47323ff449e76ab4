import { connect, type Socket } from 'node:net'

export interface RawConnection {
  readonly socket: Socket
  /** Everything that the server has said so far. */
  readonly received: string
  /** Resolves once the connection has ended, with everything that was said and the code of the error that ended it. */
  readonly closed: Promise<{ readonly received: string; readonly errorCode: string | undefined }>
}

export interface RawConnectionOptions {
  /** False: what the server says stays unread until `socket.resume()`. */
  readonly reading?: boolean
  /** The address of this end, one of the loopback's. */
  readonly from?: string | undefined
  /** True: this end goes on writing after the server has ended its own side. */
  readonly allowHalfOpen?: boolean
}

/** A bare TCP connection to the server at `url`, for what no HTTP client would do. Resolves once it is open. */
export function openRawConnection(
  url: string,
  { reading = true, from, allowHalfOpen = false }: RawConnectionOptions = {},
): Promise<RawConnection> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    let received = ''
    let errorCode: string | undefined
    const own = from === undefined ? {} : { localAddress: from }
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen, ...own })
    socket.setEncoding('utf8')
    if (reading) socket.on('data', (part) => (received += part))
    else socket.pause()
    const closed = new Promise<{ received: string; errorCode: string | undefined }>((ended) => {
      socket.on('error', (error: NodeJS.ErrnoException) => {
        errorCode = error.code
        reject(error)
      })
      socket.once('close', () => ended({ received, errorCode }))
    })
    socket.once('connect', () =>
      resolve({
        socket,
        closed,
        get received() {
          return received
        },
      }),
    )
  })
}
