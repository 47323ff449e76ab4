import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface StubRequest {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Resolves when the client has gone, or the answer is complete. */
  readonly closed: Promise<void>
}

export interface RawModelStub {
  readonly url: string
  readonly requests: readonly StubRequest[]
  /** The next request is answered by this; without it, never. */
  answer(handler: (response: ServerResponse, request: StubRequest) => void): void
  /** From now on every request that `answer` does not answer is answered by this. */
  answerAll(handler: (response: ServerResponse, request: StubRequest) => void): void
  /** Resolves with request number `count` (1 is the first), as soon as it is there. */
  requested(count: number): Promise<StubRequest>
  close(): Promise<void>
}

/**
 * A model provider on the loopback that answers with whatever bytes a test wants: malformed streams, half answers, silence.
 */
export async function startRawModelStub(): Promise<RawModelStub> {
  const handlers: ((response: ServerResponse, request: StubRequest) => void)[] = []
  let answerOthers: (typeof handlers)[number] | undefined
  const requests: StubRequest[] = []
  const waiting: { count: number; resolve: (request: StubRequest) => void }[] = []
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    const closed = new Promise<void>((resolve) => response.once('close', resolve))
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.once('end', () => {
      const body = Buffer.concat(chunks).toString()
      const request = { path: incoming.url ?? '', headers: incoming.headers, body, closed }
      requests.push(request)
      const handler = handlers.shift() ?? answerOthers
      handler?.(response, request)
      for (const { count, resolve } of waiting) if (requests.length === count) resolve(request)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer: (handler) => void handlers.push(handler),
    answerAll(handler) {
      answerOthers = handler
    },
    requested(count) {
      const there = requests[count - 1]
      if (there !== undefined) return Promise.resolve(there)
      return new Promise((resolve) => waiting.push({ count, resolve }))
    },
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

/** The frames of a stream of server-sent events, one per value; a text is sent as it is. */
export function sse(...frames: readonly (object | string)[]): string {
  return frames
    .map((frame) => {
      if (typeof frame === 'string') return `data: ${frame}\n\n`
      const event = 'type' in frame ? `event: ${String(frame.type)}\n` : ''
      return `${event}data: ${JSON.stringify(frame)}\n\n`
    })
    .join('')
}

export function beginSse(response: ServerResponse, body = ''): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(body)
}
