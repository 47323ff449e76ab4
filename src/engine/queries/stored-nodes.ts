import type { ReadNode } from '../../proof/merkle.ts'
import type { Store } from '../../store/store.ts'

/** The nodes of a log that were kept with its heads; its leaves are there in any case. */
export function storedNodes(store: Store, logId: string): ReadNode {
  return async (level, index) => {
    const [hash] = await store.readLogNodes(logId, [{ level, index }])
    if (hash === undefined) throw new Error(`Node ${index} of level ${level} of the log ${logId} is not there.`)
    return hash
  }
}
