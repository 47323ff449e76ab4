import type { Socket } from 'node:net'
import { Refusal } from '../domain/refusal.ts'
import { problemMediaType } from './native/contract/problem.ts'
import { problemOf } from './native/send-problem.ts'

/** What is not HTTP reaches no route: it is answered on the bare connection, which is then closed. */
export function answerBrokenHttp(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy(error)
    return
  }
  const why = error.code === 'HPE_HEADER_OVERFLOW' ? 'Its headers are too long.' : 'It is not HTTP, or came too slowly.'
  const body = JSON.stringify(problemOf(new Refusal('malformed_request', `The request cannot be read. ${why}`)))
  const head = [
    'HTTP/1.1 400 Bad Request',
    `content-type: ${problemMediaType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
