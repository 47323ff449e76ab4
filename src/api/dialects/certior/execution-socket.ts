import type { WebSocket } from '@fastify/websocket'
import type { FastifyRequest } from 'fastify'
import { isRefusal, Refusal } from '../../../domain/refusal.ts'
import { readTaskFor } from '../../../engine/read-task-for.ts'
import type { Live } from '../../../live/live.ts'
import type { OpenStream } from '../../stream/open-streams.ts'
import { createSocketSink } from '../../stream/socket-sink.ts'
import { openTaskStream, type StreamWords, type TaskStream } from '../../stream/task-stream.ts'
import type { CertiorParts } from './certior-parts.ts'
import { createFrameWriter } from './create-frame-writer.ts'
import { taskIdOf } from './execution-id.ts'
import { refusalStatus } from './refusal-table.ts'
import { errorBody } from './send-refusal.ts'

/** How long a socket that brought no key may take to send one. */
const firstMessageMs = 10_000

const pong = JSON.stringify({ type: 'pong' })

/** Certior streams what is journaled, not a model's words as they come. */
const noDeltas: Live = { publish: () => undefined, settle: () => undefined, listen: () => () => undefined }

interface Opened {
  readonly stream: TaskStream
  readonly open: OpenStream
}

/** Streams that were opened before the upgrade, so that a refusal is still an HTTP answer. */
const opened = new WeakMap<FastifyRequest, Opened>()

/** Opens the stream of a WebSocket that came with its key. Refuses as any request. */
export async function openBeforeUpgrade(parts: CertiorParts, request: FastifyRequest): Promise<void> {
  if (!request.ws || request.principal === null) return
  opened.set(request, await openStream(parts, request))
}

/**
 * Every event from the first, one message each, then those to come, until the execution has ended. Without a key, the first
 * message has to bring it. The text `ping` is answered at any time.
 */
export async function acceptSocket(parts: CertiorParts, socket: WebSocket, request: FastifyRequest): Promise<void> {
  socket.on('message', (data) => {
    if (String(data) === 'ping' && socket.readyState === socket.OPEN) socket.send(pong)
  })
  try {
    let ready = opened.get(request)
    if (ready === undefined) {
      request.principal = await parts.auth.authenticate(await firstKey(parts, socket))
      ready = await openStream(parts, request)
    }
    socket.on('close', ready.open.close)
    if (socket.readyState !== socket.OPEN) ready.open.close()
    await ready.stream.run(createSocketSink(socket))
    ready.open.close()
  } catch (error) {
    opened.get(request)?.open.close()
    refuseSocket(parts, socket, request, error)
  }
}

async function openStream({ rooms, streams }: CertiorParts, request: FastifyRequest): Promise<Opened> {
  const wanted = taskIdOf((request.params as { id: string }).id)
  const snapshot = await readTaskFor(rooms, request.principal, wanted)
  const open = streams.open()
  try {
    const words = frameWords(rooms.store, snapshot.task.id)
    const request = { snapshot, after: 0, follow: false, signal: open.signal, words }
    return { open, stream: await openTaskStream({ ...rooms, live: noDeltas }, request) }
  } catch (error) {
    open.close()
    throw error
  }
}

function frameWords(store: CertiorParts['rooms']['store'], taskId: string): StreamWords {
  const write = createFrameWriter(store, taskId)
  return {
    events: async (events) => (await write(events)).map((frame) => JSON.stringify(frame)),
    delta: () => '',
  }
}

function firstKey({ rooms }: CertiorParts, socket: WebSocket): Promise<string> {
  return new Promise((resolve, reject) => {
    const late = new Refusal('unauthenticated', 'The first message must bring the key: {"api_key": "…"}.')
    const settle = (key: string | undefined) => {
      cancel()
      socket.off('message', take)
      if (key === undefined) reject(late)
      else resolve(key)
    }
    const take = (data: unknown) => {
      const text = String(data)
      if (text !== 'ping') settle(keyIn(text))
    }
    const cancel = rooms.clock.after(firstMessageMs, () => settle(undefined))
    socket.once('close', () => settle(undefined))
    socket.on('message', take)
  })
}

/** The key of a first message: `{"api_key": "…"}`, `{"key": "…"}`, or nothing but the key. */
function keyIn(text: string): string | undefined {
  if (!text.trimStart().startsWith('{')) return text.trim()
  try {
    const { api_key, key = api_key }: Record<string, unknown> = JSON.parse(text)
    return typeof key === 'string' ? key : undefined
  } catch {
    return undefined // not JSON: it brings no key
  }
}

/** Says why as a last message, and closes with 4000 and the HTTP status. */
function refuseSocket({ rooms }: CertiorParts, socket: WebSocket, request: FastifyRequest, error: unknown): void {
  if (!isRefusal(error)) rooms.log.error({ err: error, request: request.id }, 'a socket broke')
  const refusal = isRefusal(error)
    ? error
    : new Refusal('internal', 'Something went wrong in the server. It was logged.')
  if (socket.readyState !== socket.OPEN) return
  socket.send(JSON.stringify(errorBody(refusal)))
  socket.close(4000 + refusalStatus[refusal.code], refusal.code)
}
