import { Refusal } from '../../../domain/refusal.ts'

const perTaskMax = 2
const perKeyMax = 32
const retryAfterMs = 5_000

/** Counts the open streams of this dialect: at most two for a task and 32 for a key. */
export interface StreamQuota {
  /** Takes a place and returns the function that releases it once. Refuses `limit_exceeded`. */
  take(task: string, key: string): () => void
}

/** Creates a quota without open streams. */
export function createStreamQuota(): StreamQuota {
  const open = new Map<string, number>()
  const add = (name: string, change: number) => {
    const count = (open.get(name) ?? 0) + change
    if (count === 0) open.delete(name)
    else open.set(name, count)
  }
  return {
    take(task, key) {
      const names = [`task ${task}`, `key ${key}`] as const
      refuseFrom(perTaskMax, open.get(names[0]), 'task')
      refuseFrom(perKeyMax, open.get(names[1]), 'key')
      for (const name of names) add(name, 1)
      let taken = true
      return () => {
        if (taken) for (const name of names) add(name, -1)
        taken = false
      }
    },
  }
}

function refuseFrom(most: number, count: number | undefined, what: string): void {
  if ((count ?? 0) < most) return
  const message = `${most} streams are open for this ${what}, which is the most there may be. Poll, or close one.`
  throw new Refusal('limit_exceeded', message, { retryAfterMs })
}
