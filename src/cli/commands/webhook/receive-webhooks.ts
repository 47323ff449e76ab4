import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

const bodyBytesMax = 16 * 1024 * 1024

/** A POST as it came, with its body as UTF-8 text of at most 16 MiB. */
export interface ReceivedRequest {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** An open receiver. `close` also closes connections that are in use. */
export interface WebhookReceiver {
  readonly url: string
  close(): Promise<void>
}

/** Takes POSTs on a port of this machine (0: any free one); `take` answers with the status, once it is done with one. */
export async function receiveWebhooks(
  port: number,
  take: (request: ReceivedRequest) => Promise<number>,
): Promise<WebhookReceiver> {
  const server = createServer((incoming, response) => {
    answer(incoming).then(
      (status) => response.writeHead(status).end(),
      () => response.destroy(), // the sender is gone, and so is whom to answer
    )
  })
  const answer = async (incoming: IncomingMessage): Promise<number> => {
    if (incoming.method !== 'POST') return 405
    const body = await readBody(incoming)
    return body === undefined ? 413 : take({ headers: headersOf(incoming), body })
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const { port: taken } = server.address() as AddressInfo // it listens on a port, so that this is no path
  return {
    url: `http://127.0.0.1:${taken}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Undefined where it is too large. */
async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming) {
    bytes += chunk.length
    if (bytes > bodyBytesMax) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function headersOf(incoming: IncomingMessage): Record<string, string> {
  const entries = Object.entries(incoming.headers)
  return Object.fromEntries(
    entries.map(([name, value = '']) => [name, Array.isArray(value) ? value.join(', ') : value]),
  )
}
