import type { Delta, Live } from '../live.ts'

interface Stream {
  snapshots: Map<string, Delta>
  listeners: Set<(delta: Delta) => void>
}

export function createInProcessLive(): Live {
  const streams = new Map<string, Stream>()
  const streamOf = (task: string): Stream => {
    const known = streams.get(task)
    if (known !== undefined) return known
    const stream: Stream = { snapshots: new Map(), listeners: new Set() }
    streams.set(task, stream)
    return stream
  }
  const drop = (task: string, stream: Stream) => {
    if (stream.listeners.size === 0 && stream.snapshots.size === 0) streams.delete(task)
  }
  return {
    publish(delta) {
      const stream = streamOf(delta.task)
      const key = `${delta.kind} ${delta.action}`
      const before = stream.snapshots.get(key)
      const same = before !== undefined && before.attempt === delta.attempt && before.step === delta.step
      const text = same ? before.text + delta.text : delta.text
      stream.snapshots.set(key, { ...delta, text, snapshot: true })
      for (const callback of stream.listeners) callback(delta)
    },
    settle(task) {
      const stream = streams.get(task)
      if (stream === undefined) return
      stream.snapshots.clear()
      drop(task, stream)
    },
    listen(task, callback) {
      const stream = streamOf(task)
      for (const snapshot of stream.snapshots.values()) callback(snapshot)
      stream.listeners.add(callback)
      return () => {
        stream.listeners.delete(callback)
        drop(task, stream)
      }
    },
  }
}
