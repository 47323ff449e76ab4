import type { Clock } from '../../clock/clock.ts'

const beatMs = 15_000

/** The connection that a stream is written to, which may be slow. */
export interface StreamSink {
  /** Writes without waiting. Frames of one turn of the event loop are sent together. */
  write(frame: string): void
  /** The bytes that were written and not sent yet. */
  readonly waitingBytes: number
  /** Resolves when nothing waits any more, or the connection is gone. */
  drained(): Promise<void>
  /** Shows both ends that the connection lives, and gives up on one that takes nothing for long. */
  beat(): void
  /** Ends the stream. With `at_once`, bytes that a slow connection has not taken by now are given up. */
  end(how: 'when_sent' | 'at_once'): void
}

/** Makes a sink over the same connection that ends in another way. */
export function endingWith(sink: StreamSink, end: StreamSink['end']): StreamSink {
  return {
    write: (frame) => sink.write(frame),
    get waitingBytes() {
      return sink.waitingBytes
    },
    drained: () => sink.drained(),
    beat: () => sink.beat(),
    end,
  }
}

/** Beats until the returned function is called. */
export function keepBeating(clock: Clock, sink: StreamSink): () => void {
  let cancel: () => void = () => undefined
  const plan = () => {
    cancel = clock.after(beatMs, () => {
      sink.beat()
      plan()
    })
  }
  plan()
  return () => cancel()
}

/** Resolves when the sink has nothing waiting, or the signal is aborted. */
export function drainedOrAborted(sink: StreamSink, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener('abort', done)
      resolve()
    }
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', done, { once: true })
    void sink.drained().then(done)
  })
}
