import { connect, type Socket } from 'node:net'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { WebSocket } from 'ws'

/** One frame of a stream: an event has a seq, a delta has none. */
export interface Frame {
  readonly seq: number | undefined
  readonly type: string
  readonly data: Record<string, unknown>
}

export interface FrameReader {
  /** The next frame; undefined at the end of the stream. */
  next(): Promise<Frame | undefined>
  /** All frames up to the end, or up to and with the first that fits. */
  until(fits: (frame: Frame) => boolean): Promise<Frame[]>
  all(): Promise<Frame[]>
  close(): void
}

type Headers = Readonly<Record<string, string>>

/** Reads server-sent events; rejects with the response where it is not a stream. */
export async function readSse(url: string, headers: Headers, init: RequestInit = {}): Promise<FrameReader> {
  const abort = new AbortController()
  const response = await fetch(url, {
    ...init,
    headers: { accept: 'text/event-stream', ...headers },
    signal: abort.signal,
  })
  if (response.status !== 200 || response.body === null) throw new NotAStream(response)
  const found: Frame[] = []
  const parser = createParser({ onEvent: (message) => found.push(frameOf(message)) })
  const chunks = response.body.pipeThrough(new TextDecoderStream()).getReader()
  const next = async (): Promise<Frame | undefined> => {
    while (found.length === 0) {
      const { value, done } = await chunks.read()
      if (done) return undefined
      parser.feed(value)
    }
    return found.shift()
  }
  return readerOf(next, () => abort.abort())
}

export class NotAStream extends Error {
  readonly response: Response
  constructor(response: Response) {
    super(`${response.status} instead of a stream`)
    this.response = response
  }
}

function frameOf({ id, event, data }: EventSourceMessage): Frame {
  return { seq: id === undefined ? undefined : Number(id), type: event ?? 'message', data: JSON.parse(data) }
}

export interface SocketReader extends FrameReader {
  readonly socket: WebSocket
  /** Resolves with the code it was closed with. */
  readonly closed: Promise<number>
}

/** Reads a WebSocket of events; events and deltas come out in the same form as from SSE. */
export function readSocket(url: string, headers: Headers = {}): SocketReader {
  const socket = new WebSocket(url.replace(/^http/u, 'ws'), { headers })
  const found: Frame[] = []
  let ended = false
  let wake: () => void = () => undefined
  socket.on('message', (text) => {
    const data = JSON.parse(String(text))
    found.push('seq' in data ? { seq: data.seq, type: data.type, data } : { seq: undefined, ...data })
    wake()
  })
  const closed = new Promise<number>((resolve, reject) => {
    socket.on('close', (code) => {
      ended = true
      wake()
      resolve(code)
    })
    socket.on('unexpected-response', (_request, response) => reject(new Error(String(response.statusCode))))
    socket.on('error', reject)
  })
  closed.catch(() => undefined)
  const next = async (): Promise<Frame | undefined> => {
    while (found.length === 0 && !ended) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    return found.shift()
  }
  return { ...readerOf(next, () => socket.close()), socket, closed }
}

function readerOf(next: () => Promise<Frame | undefined>, close: () => void): FrameReader {
  const until = async (fits: (frame: Frame) => boolean) => {
    const frames: Frame[] = []
    for (;;) {
      const frame = await next()
      if (frame === undefined) return frames
      frames.push(frame)
      if (fits(frame)) return frames
    }
  }
  return { next, until, all: () => until(() => false), close }
}

/** A connection that asked for something and reads nothing of the answer until it is resumed. */
export function openSlowConnection(url: string, head: readonly string[]): Promise<Socket> {
  const { hostname, port, pathname, search } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) }, () => {
      socket.pause()
      socket.write([`GET ${pathname}${search} HTTP/1.1`, `host: ${hostname}`, ...head, '', ''].join('\r\n'))
      resolve(socket)
    })
    socket.once('error', reject)
  })
}
