import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface LoopbackRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export type LoopbackAnswer = (request: LoopbackRequest, response: ServerResponse) => void

/** A real receiver on a port of the loopback that can be killed and started again on the same port. */
export interface LoopbackReceiver {
  readonly url: string
  readonly requests: LoopbackRequest[]
  /** Requests that are neither answered nor cut. */
  readonly open: number
  answer: LoopbackAnswer
  /** As a killed process: connections are cut, nothing listens. */
  kill(): Promise<void>
  restart(): Promise<void>
  close(): Promise<void>
}

export async function startLoopbackReceiver(answer: LoopbackAnswer): Promise<LoopbackReceiver> {
  let server: Server | undefined
  let port = 0
  let open = 0
  const requests: LoopbackRequest[] = []
  const listen = async () => {
    const started = createServer((incoming, response) => {
      open += 1
      response.once('close', () => {
        open -= 1
      })
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', () => undefined)
      incoming.on('end', () => {
        const { method = '', url: path = '', headers } = incoming
        const request = { method, path, headers, body: Buffer.concat(chunks).toString() }
        requests.push(request)
        receiver.answer(request, response)
      })
    })
    await new Promise<void>((resolve) => started.listen(port, '127.0.0.1', resolve))
    port = (started.address() as AddressInfo).port
    server = started
  }
  const kill = async () => {
    const running = server
    server = undefined
    if (running === undefined) return
    const closed = new Promise<void>((resolve) => running.close(() => resolve()))
    running.closeAllConnections()
    await closed
  }
  const receiver: LoopbackReceiver = {
    answer,
    requests,
    get url() {
      return `http://127.0.0.1:${port}/in`
    },
    get open() {
      return open
    },
    kill,
    async restart() {
      if (server === undefined) await listen()
    },
    close: kill,
  }
  await listen()
  return receiver
}
