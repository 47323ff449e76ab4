import { WebSocket } from 'ws'
import { until } from './until.ts'

/** What a server answered instead of opening a WebSocket. */
export interface SocketRefusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export interface WatchedSocket {
  readonly socket: WebSocket
  /** Everything that came, as JSON. */
  readonly messages: Record<string, unknown>[]
  /** Resolves with the code that the connection was closed with. */
  readonly closed: Promise<number>
  opened(): Promise<unknown>
  /** Where the server refuses to open it. */
  refused(): Promise<SocketRefusal>
}

/** A WebSocket whose messages are gathered; `first` is sent as soon as it is open. */
export function watchSocket(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  first?: string,
): WatchedSocket {
  const socket = new WebSocket(url.replace(/^http/u, 'ws'), { headers })
  const messages: Record<string, unknown>[] = []
  let refusal: SocketRefusal | undefined
  socket.on('message', (text) => messages.push(JSON.parse(String(text))))
  socket.on('error', () => undefined)
  socket.on('open', () => first !== undefined && socket.send(first))
  socket.on('unexpected-response', async (_request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk)
    refusal = { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() }
    socket.terminate()
  })
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  return {
    socket,
    messages,
    closed,
    opened: () => until('the socket to open', () => socket.readyState === WebSocket.OPEN),
    refused: () => until(`${url} to be refused`, () => refusal),
  }
}
