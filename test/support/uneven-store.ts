import { setImmediate } from 'node:timers/promises'
import type { Store } from '../../src/store/store.ts'

/**
 * A store whose reads of tasks and journals take none, one or two turns of the event loop, as a seed has it: so that what is
 * done at once is interleaved in many ways.
 */
export function createUnevenStore() {
  let state = 1
  const turns = async () => {
    state = (state * 48_271) % 2_147_483_647
    for (let left = state % 3; left > 0; left -= 1) await setImmediate()
  }
  return {
    /** From 1 to 2,147,483,646. */
    reseed(seed: number) {
      state = seed
    },
    wrap: (store: Store): Store => ({
      ...store,
      async readSnapshot(taskId) {
        await turns()
        return await store.readSnapshot(taskId)
      },
      async readEvents(taskId, after, limit) {
        await turns()
        return await store.readEvents(taskId, after, limit)
      },
    }),
  }
}
