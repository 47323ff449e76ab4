import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** The open connections and the answers under way on them. */
export interface TrackedConnections {
  /** Returns the answer that is under way on a connection, or undefined. */
  answerOn(socket: Socket): ServerResponse | undefined
  /** Ends each connection as soon as the answer that is under way on it is sent. */
  release(): void
}

/**
 * Tracks which connections have a request under way, so that a server which stops can end the others at once: Node's own
 * `close` waits a minute for a connection that was never used, and for one that is kept alive after its last answer. Upgraded
 * sockets are not tracked.
 */
export function trackConnections(server: Server): TrackedConnections {
  const answers = new Map<Socket, ServerResponse | undefined>()
  server.on('connection', (socket: Socket) => {
    answers.set(socket, undefined)
    socket.once('close', () => answers.delete(socket))
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => answers.set(request.socket, response))
  server.on('upgrade', (request: IncomingMessage) => answers.delete(request.socket))
  return {
    answerOn(socket) {
      const response = answers.get(socket)
      return response?.closed ? undefined : response
    },
    release() {
      for (const [socket, response] of answers) {
        if (response === undefined || response.closed) socket.destroy()
        else response.once('close', () => socket.destroySoon())
      }
    },
  }
}
