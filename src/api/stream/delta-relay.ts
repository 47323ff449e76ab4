import type { Delta, Live } from '../../live/live.ts'
import type { DeltaGate } from './delta-gate.ts'
import type { StreamSink } from './stream-sink.ts'

/** What a frame costs beside its text. */
const frameChars = 150

export interface DeltaRelayParts {
  readonly live: Live
  readonly taskId: string
  readonly gate: DeltaGate
  /** A delta as a frame of the transport. */
  frame(delta: Delta): string
  /** What may wait for a slow reader, in bytes. */
  readonly bufferBytesMax: number
}

/**
 * Brings the deltas of a task to one reader. What has to wait for its place is held, within the limit; what a slow reader cannot take
 * is dropped, and made good by a snapshot once it can.
 */
export interface DeltaRelay {
  attach(sink: StreamSink): void
  /** The reader was shown more of the journal: what was held may have its place now. */
  release(): void
  close(): void
}

export function createDeltaRelay({ live, taskId, gate, frame, bufferBytesMax }: DeltaRelayParts): DeltaRelay {
  let sink: StreamSink | undefined
  let held: Delta[] = []
  let heldChars = 0
  /** Some were dropped: a snapshot has to come before any more. */
  let lost = false
  let slow = false
  let closed = false

  const take = (delta: Delta) => {
    if (lost) return
    if (delta.snapshot && delta.text.length > bufferBytesMax) return lose()
    const verdict = sink === undefined ? 'hold' : gate.judge(delta)
    if (verdict === 'drop') return
    if (sink === undefined || verdict === 'hold') return hold(delta)
    sink.write(frame(delta))
    if (sink.waitingBytes > bufferBytesMax) fallBehind(sink)
  }
  const hold = (delta: Delta) => {
    held.push(delta)
    heldChars += delta.text.length + frameChars
    if (heldChars > bufferBytesMax) lose()
  }
  const lose = () => {
    lost = true
    held = []
    heldChars = 0
  }
  const fallBehind = (to: StreamSink) => {
    slow = true
    lose()
    void to.drained().then(() => {
      slow = false
      listenAgain()
    })
  }
  let unlisten = live.listen(taskId, take)
  /** Listening anew brings the text so far as snapshots. */
  const listenAgain = () => {
    if (closed) return
    unlisten()
    lost = false
    unlisten = live.listen(taskId, take)
  }

  return {
    attach(to) {
      sink = to
    },
    release() {
      if (lost) {
        if (!slow) listenAgain()
        return
      }
      if (held.length === 0) return
      const waiting = held
      held = []
      heldChars = 0
      for (const delta of waiting) take(delta)
    },
    close() {
      closed = true
      unlisten()
      held = []
    },
  }
}
