import type { Delta, Live } from '../live.ts'

/** The text so far of one kind of delta (of one action) in the running step. */
interface Running {
  last: Delta
  text: string
}

interface Stream {
  running: Running[]
  readonly listeners: Set<(delta: Delta) => void>
}

/** Fans deltas out within this process. A late listener gets snapshots of the running step first. */
export function createInProcessLive(): Live {
  const streams = new Map<string, Stream>()
  const streamOf = (task: string): Stream => {
    const known = streams.get(task)
    if (known !== undefined) return known
    const stream: Stream = { running: [], listeners: new Set() }
    streams.set(task, stream)
    return stream
  }
  const drop = (task: string, stream: Stream) => {
    if (stream.listeners.size === 0 && stream.running.length === 0) streams.delete(task)
  }
  return {
    publish(delta) {
      const stream = streamOf(delta.task)
      append(stream, delta)
      for (const callback of stream.listeners) callback(delta)
    },
    settle(task) {
      const stream = streams.get(task)
      if (stream === undefined) return
      stream.running = []
      drop(task, stream)
    },
    listen(task, callback) {
      const stream = streamOf(task)
      for (const { last, text } of stream.running) callback({ ...last, text, snapshot: true })
      stream.listeners.add(callback)
      return () => {
        stream.listeners.delete(callback)
        drop(task, stream)
      }
    },
  }
}

/** Appends a delta. It runs for every token and so makes no object. */
function append({ running }: Stream, delta: Delta): void {
  for (const one of running) {
    const { last } = one
    if (last.kind !== delta.kind || last.action !== delta.action) continue
    const same = last.attempt === delta.attempt && last.step === delta.step
    one.text = same ? one.text + delta.text : delta.text
    one.last = delta
    return
  }
  running.push({ last: delta, text: delta.text })
}
