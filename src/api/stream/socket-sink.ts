import type { WebSocket } from '@fastify/websocket'
import type { StreamSink } from './stream-sink.ts'

/** The pings without an answer after which a connection is closed. */
const unansweredMax = 4

/** Creates a stream over a WebSocket: one message per frame. */
export function createSocketSink(socket: WebSocket): StreamSink {
  let waiters: (() => void)[] = []
  let unanswered = 0
  const release = () => {
    if (socket.bufferedAmount > 0 && socket.readyState === socket.OPEN) return
    const released = waiters
    waiters = []
    for (const resolve of released) resolve()
  }
  socket.on('pong', () => {
    unanswered = 0
  })
  socket.on('close', release)
  return {
    write(frame) {
      if (socket.readyState === socket.OPEN) socket.send(frame, release)
    },
    get waitingBytes() {
      return socket.bufferedAmount
    },
    drained() {
      if (socket.bufferedAmount === 0 || socket.readyState !== socket.OPEN) return Promise.resolve()
      return new Promise((resolve) => {
        waiters.push(resolve)
      })
    },
    beat() {
      unanswered += 1
      if (unanswered > unansweredMax) socket.terminate()
      else if (socket.readyState === socket.OPEN) socket.ping()
    },
    end(how) {
      socket.close(1000, 'ended')
      if (how === 'at_once') setImmediate(() => socket.bufferedAmount > 0 && socket.terminate())
    },
  }
}
