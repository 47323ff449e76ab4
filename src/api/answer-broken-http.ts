import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../clock/clock.ts'
import type { Limits } from '../domain/limits.ts'
import { Refusal } from '../domain/refusal.ts'
import { problemMediaType } from './native/contract/problem.ts'
import { problemOf } from './native/problem-of.ts'

/** The dependencies of the handler of broken requests. */
export interface BrokenHttpDeps {
  readonly clock: Pick<Clock, 'after'>
  readonly limits: Pick<Limits, 'refused_body_bytes_max' | 'refused_body_timeout_ms'>
  /** Returns the answer that is under way on a connection. */
  answerOn(socket: Socket): ServerResponse | undefined
}

type BrokenHttpHandler = (error: Error & { code?: string }, socket: Socket) => void

/**
 * Answers requests that reach no route, since they are not HTTP or do not arrive in time. It writes to the bare connection,
 * and closes that once the client could read why. Where an answer has begun it only closes; where a route waits for the rest
 * of a body, that route refuses it in the words of its dialect.
 */
export function createBrokenHttpHandler({ clock, limits, answerOn }: BrokenHttpDeps): BrokenHttpHandler {
  /** The bytes that had been read of a connection when it was answered. */
  const answered = new WeakMap<Socket, number>()
  return (error, socket) => {
    const readBefore = answered.get(socket)
    if (readBefore !== undefined) {
      // This is the rest of the unreadable request. Closing the connection now would lose the answer on its way.
      if (socket.bytesRead - readBefore > limits.refused_body_bytes_max) socket.destroy()
      return
    }
    const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
    const isSilent = isLate && socket.bytesRead === 0
    const answer = answerOn(socket)
    if (error.code === 'ECONNRESET' || !socket.writable || isSilent || answer?.headersSent) {
      socket.destroy(error)
      return
    }
    if (isLate && answer !== undefined && answer.req.listenerCount('error') > 0) {
      answer.req.emit('error', lateRequest('request_timeout_ms'))
      return
    }
    answered.set(socket, socket.bytesRead)
    socket.end(messageOf(refusalOf(error)))
    const cancel = clock.after(limits.refused_body_timeout_ms, () => socket.destroy())
    socket.once('close', cancel)
  }
}

function refusalOf({ code }: { readonly code?: string }): Refusal {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return lateRequest('header_timeout_ms')
  const why = code === 'HPE_HEADER_OVERFLOW' ? 'Its headers are too long.' : 'It is not HTTP.'
  return new Refusal('malformed_request', `The request cannot be read. ${why}`)
}

function lateRequest(limit: 'header_timeout_ms' | 'request_timeout_ms'): Refusal {
  return new Refusal('request_timeout', `The request did not come whole in time (${limit}).`, { limit })
}

function messageOf(refusal: Refusal): string {
  const problem = problemOf(refusal)
  const body = JSON.stringify(problem)
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.status === 408 ? 'Request Timeout' : 'Bad Request'}`,
    `content-type: ${problemMediaType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}
