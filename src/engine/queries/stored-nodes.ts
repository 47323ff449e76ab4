import type { ReadNode } from '../../proof/merkle.ts'
import type { Store } from '../../store/store.ts'

/** Reads the nodes of a log that were kept with its heads; its leaves always exist. */
export function storedNodes(store: Store, logId: string): ReadNode {
  return async (level, index) => {
    const [hash] = await store.readLogNodes(logId, [{ level, index }])
    if (hash === undefined) throw new Error(`Node ${index} of level ${level} of the log ${logId} is not there.`)
    return hash
  }
}
