import type { Wakeup } from '../wakeup.ts'

/** Wakes listeners within this process, synchronously. */
export function createInProcessWakeup(): Wakeup {
  const listeners = new Map<string, Set<() => void>>()
  const toAll = new Set<() => void>()
  return {
    hint(taskId) {
      for (const callback of toAll) callback()
      const waiting = listeners.get(taskId)
      if (waiting !== undefined) for (const callback of [...waiting]) callback()
    },
    listen(taskId, callback) {
      const waiting = listeners.get(taskId) ?? new Set()
      waiting.add(callback)
      listeners.set(taskId, waiting)
      return () => {
        waiting.delete(callback)
        if (waiting.size === 0 && listeners.get(taskId) === waiting) listeners.delete(taskId)
      }
    },
    listenToAll(callback) {
      toAll.add(callback)
      return () => {
        toAll.delete(callback)
      }
    },
  }
}
