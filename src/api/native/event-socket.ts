import type { WebSocket } from '@fastify/websocket'
import type { FastifyRequest } from 'fastify'
import { isRefusal, Refusal } from '../../domain/refusal.ts'
import { readTaskFor } from '../../engine/read-task-for.ts'
import type { OpenStream } from '../stream/open-streams.ts'
import { createSocketSink } from '../stream/socket-sink.ts'
import { openTaskStream, type TaskStream } from '../stream/task-stream.ts'
import { checkSeen } from './check-seen.ts'
import type { FirstMessage, ProblemMessage } from './contract/delta.ts'
import type { EventQuery } from './contract/task-requests.ts'
import { socketWords } from './event-words.ts'
import type { NativeParts } from './native-parts.ts'
import { taskIdOf } from './read-task-view.ts'
import { problemOf } from './send-problem.ts'

/** How long a socket that brought no key may take to send one. */
const firstMessageMs = 10_000

interface Opened {
  readonly stream: TaskStream
  readonly open: OpenStream
}

/** Streams that were opened before the upgrade, so that a refusal is still an HTTP answer. */
const opened = new WeakMap<FastifyRequest, Opened>()

/** Opens the stream of a WebSocket that came with its key. Refuses as any request. */
export async function openBeforeUpgrade(parts: NativeParts, request: FastifyRequest): Promise<void> {
  if (!request.ws || request.principal === null) return
  const { after = 0, follow = false } = request.query as EventQuery
  opened.set(request, await openStream(parts, request, after, follow))
}

/** One message per event or delta, until the run has ended. Without a key, the first message has to bring it. */
export async function acceptSocket(parts: NativeParts, socket: WebSocket, request: FastifyRequest): Promise<void> {
  const { after = 0, follow = false } = request.query as EventQuery
  try {
    let ready = opened.get(request)
    if (ready === undefined) {
      const first = await firstMessage(parts, socket)
      request.principal = await parts.auth.authenticate(first.key)
      ready = await openStream(parts, request, first.after ?? after, first.follow ?? follow)
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

async function openStream(
  parts: NativeParts,
  request: FastifyRequest,
  after: number,
  follow: boolean,
): Promise<Opened> {
  const { rooms, streams } = parts
  const id = await taskIdOf(rooms, (request.params as { id: string }).id)
  const snapshot = await readTaskFor(rooms, request.principal, id)
  checkSeen(snapshot, after)
  const open = streams.open()
  try {
    const words = socketWords(rooms.store)
    const stream = await openTaskStream(rooms, { snapshot, after, follow, signal: open.signal, words })
    return { stream, open }
  } catch (error) {
    open.close()
    throw error
  }
}

function firstMessage({ rooms }: NativeParts, socket: WebSocket): Promise<FirstMessage> {
  return new Promise((resolve, reject) => {
    const late = new Refusal('unauthenticated', 'The first message must bring the key: {"key": "…"}.')
    const cancel = rooms.clock.after(firstMessageMs, () => reject(late))
    socket.once('close', () => {
      cancel()
      reject(late)
    })
    socket.once('message', (data) => {
      cancel()
      const message = readFirst(String(data))
      if (message === undefined) reject(late)
      else resolve(message)
    })
  })
}

function readFirst(text: string): FirstMessage | undefined {
  try {
    const { key, after, follow }: Record<string, unknown> = Object(JSON.parse(text))
    if (typeof key !== 'string') return undefined
    return {
      key,
      ...(Number.isSafeInteger(after) && Number(after) >= 0 && { after: Number(after) }),
      ...(typeof follow === 'boolean' && { follow }),
    }
  } catch {
    return undefined // not JSON: it brings no key
  }
}

/** Says why as a last message, and closes with 4000 and the HTTP status. */
function refuseSocket({ rooms }: NativeParts, socket: WebSocket, request: FastifyRequest, error: unknown): void {
  if (!isRefusal(error)) rooms.log.error({ err: error, request: request.id }, 'a socket broke')
  const refusal = isRefusal(error)
    ? error
    : new Refusal('internal', 'Something went wrong in the server. It was logged.')
  if (socket.readyState !== socket.OPEN) return
  const problem = problemOf(refusal)
  const message: ProblemMessage = { type: 'problem', data: problem }
  socket.send(JSON.stringify(message))
  socket.close(4000 + problem.status, problem.code)
}
