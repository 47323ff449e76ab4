import type { Delta, Live } from '../../live/live.ts'
import type { DeltaGate } from './delta-gate.ts'
import type { StreamSink } from './stream-sink.ts'

/** The characters of a frame besides its text. */
const frameChars = 150

/** The source, the gate and the format of the deltas for one reader. */
export interface DeltaRelayOptions {
  readonly live: Live
  readonly taskId: string
  readonly gate: DeltaGate
  /** Formats a delta as a frame of the transport. */
  frame(delta: Delta): string
  /** The bytes that may wait for a slow reader. */
  readonly bufferBytesMax: number
}

/**
 * Brings the deltas of a task to one reader. A delta whose place has not come is held, within the limit. Deltas that a slow
 * reader cannot take are dropped, and a snapshot makes up for them once it can.
 */
export interface DeltaRelay {
  /** Sets the sink. Until then every delta is held. */
  attach(sink: StreamSink): void
  /** Tells that the reader was shown more of the journal, so that held deltas may have their place now. */
  release(): void
  /** Stops listening. No delta is written after it. */
  close(): void
}

/** Creates the relay of one reader, which listens at once, so that no delta is missed while the journal is read. */
export function createDeltaRelay({ live, taskId, gate, frame, bufferBytesMax }: DeltaRelayOptions): DeltaRelay {
  let sink: StreamSink | undefined
  let held: Delta[] = []
  let heldChars = 0
  /** True where deltas were dropped: a snapshot has to come before any more. */
  let lost = false
  let slow = false
  let closed = false

  const take = (delta: Delta) => {
    if (lost) return
    if (delta.snapshot && delta.text.length > bufferBytesMax) return lose()
    const decision = sink === undefined ? 'hold' : gate.judge(delta)
    if (decision === 'drop') return
    if (sink === undefined || decision === 'hold') return hold(delta)
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
      relisten()
    })
  }
  let unlisten = live.listen(taskId, take)
  /** A new listener gets the text so far as snapshots. */
  const relisten = () => {
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
        if (!slow) relisten()
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
