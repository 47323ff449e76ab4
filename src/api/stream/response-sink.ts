import type { ServerResponse } from 'node:http'
import type { StreamSink } from './stream-sink.ts'

/** The heartbeats during which a connection may take nothing before it is closed. */
const stuckBeatsMax = 8
const flushChars = 64 * 1024
const heartbeat = ':\n\n'

/** Creates a server-sent stream over a response whose headers are sent. */
export function createResponseSink(response: ServerResponse): StreamSink {
  let pending = ''
  let scheduled = false
  let stuckBeats = 0
  let writtenBefore = 0
  let draining: Promise<void> | undefined

  const flush = () => {
    scheduled = false
    if (pending === '' || response.destroyed) return
    const chunk = pending
    pending = ''
    response.write(chunk)
  }
  const waiting = () => pending.length + response.writableLength
  return {
    write(frame) {
      pending += frame
      if (pending.length > flushChars) return flush()
      if (scheduled) return
      scheduled = true
      setImmediate(flush)
    },
    get waitingBytes() {
      return waiting()
    },
    drained() {
      flush()
      if (response.destroyed || !response.writableNeedDrain) return Promise.resolve()
      draining ??= new Promise<void>((resolve) => {
        const done = () => {
          response.off('drain', done)
          response.off('close', done)
          draining = undefined
          resolve()
        }
        response.once('drain', done)
        response.once('close', done)
      })
      return draining
    },
    beat() {
      const written = response.socket?.bytesWritten ?? 0
      stuckBeats = waiting() > 0 && written === writtenBefore ? stuckBeats + 1 : 0
      writtenBefore = written
      if (stuckBeats >= stuckBeatsMax) response.destroy()
      else if (waiting() === 0) this.write(heartbeat)
    },
    end(how) {
      if (response.destroyed) return
      response.end(pending)
      pending = ''
      if (how === 'at_once') setImmediate(() => response.writableFinished || response.destroy())
    },
  }
}
