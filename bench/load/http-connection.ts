import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { ChunkedDecoder } from './chunked-decoder.ts'

export interface HttpResponse {
  readonly status: number
  readonly body: string
}

const requestTimeoutMs = 120_000
const endOfHead = Buffer.from('\r\n\r\n')

/**
 * One keep-alive connection, one request at a time. It parses only what a benchmark needs (status, Content-Length or
 * chunks), so that the load generator costs a fraction of any server it loads.
 */
export class HttpConnection {
  readonly #socket: Socket
  #pending: Buffer = Buffer.alloc(0)
  #take: (chunk: Buffer) => void = () => {}
  #fail: (error: Error) => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setTimeout(requestTimeoutMs, () => socket.destroy(new Error('the server said nothing for too long')))
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the server closed the connection')))
  }

  static async open(port: number): Promise<HttpConnection> {
    const socket = createConnection({ port, host: '127.0.0.1' })
    await once(socket, 'connect')
    return new HttpConnection(socket)
  }

  /** Sends prepared bytes and resolves with the whole answer. */
  request(bytes: string): Promise<HttpResponse> {
    const parts: Buffer[] = []
    return this.#exchange(bytes, (part) => parts.push(part)).then((status) => ({
      status,
      body: (parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)).toString('utf8'),
    }))
  }

  /** Sends prepared bytes and hands on each piece of the answer's body as it comes; resolves with the status at its end. */
  stream(bytes: string, onBody: (part: Buffer) => void): Promise<number> {
    return this.#exchange(bytes, onBody)
  }

  close(): void {
    this.#fail = () => {}
    this.#socket.destroy()
  }

  #exchange(bytes: string, onBody: (part: Buffer) => void): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#pending = Buffer.alloc(0)
      this.#fail = reject
      this.#take = (chunk) => this.#readHead(chunk, onBody, resolve)
      this.#socket.write(bytes, 'latin1')
    })
  }

  #readHead(chunk: Buffer, onBody: (part: Buffer) => void, done: (status: number) => void): void {
    const head = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    const end = head.indexOf(endOfHead)
    if (end < 0) {
      this.#pending = head
      return
    }
    const text = head.toString('latin1', 0, end)
    const status = Number(text.slice(9, 12))
    const rest = head.subarray(end + endOfHead.length)
    const length = /\r\ncontent-length: *(\d+)/iu.exec(text)?.[1]
    const finish = () => {
      this.#take = () => {}
      done(status)
    }
    if (length !== undefined) this.#readLength(rest, Number(length), onBody, finish)
    else if (/\r\ntransfer-encoding: *chunked/iu.test(text)) this.#readChunks(rest, onBody, finish)
    else if (status === 204) finish()
    else this.#fail(new Error(`an answer with neither a length nor chunks: ${text}`))
  }

  #readLength(first: Buffer, length: number, onBody: (part: Buffer) => void, finish: () => void): void {
    let missing = length
    this.#take = (part) => {
      missing -= part.length
      if (part.length > 0) onBody(part)
      if (missing <= 0) finish()
    }
    this.#take(first)
  }

  #readChunks(first: Buffer, onBody: (part: Buffer) => void, finish: () => void): void {
    const decoder = new ChunkedDecoder(onBody)
    this.#take = (part) => {
      if (decoder.push(part)) finish()
    }
    this.#take(first)
  }
}
