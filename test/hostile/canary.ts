import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'

/** A server on the loopback that keeps every byte that reaches it; whoever connects is answered as it likes. */
export interface Canary {
  readonly port: number
  readonly connections: number
  /** All that came since the last look. */
  take(): string
  /** Instead of `ok`: a whole HTTP answer. */
  answer: string
  close(): Promise<void>
}

export const okAnswer =
  'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok'

export function redirectTo(location: string, status = 302): string {
  return `HTTP/1.1 ${status} Found\r\nlocation: ${location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`
}

export async function startCanary(host = '127.0.0.1'): Promise<Canary> {
  let heard = ''
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    let request = ''
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString('latin1')
      request += chunk.toString('latin1')
      const head = request.indexOf('\r\n\r\n')
      const length = Number(/content-length: (\d+)/iu.exec(request)?.[1] ?? 0)
      if (head >= 0 && request.length >= head + 4 + length) socket.end(canary.answer)
    })
    socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const canary: Canary = {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections
    },
    take() {
      const taken = heard
      heard = ''
      return taken
    },
    answer: okAnswer,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
  return canary
}
