import type { Store } from '../../src/store/store.ts'

/**
 * What two worlds wrap their stores with, so that the second goes on with the data of the first: a restart. The first world is
 * closed without its store, which the second closes.
 */
export function createRestartableStore() {
  let kept: Store | undefined
  return {
    before(store: Store): Store {
      kept = store
      return { ...store, close: async () => undefined }
    },
    after(unused: Store): Store {
      const store = kept
      if (store === undefined) throw new Error('There was no world before.')
      return {
        ...store,
        // The log was started before.
        commit: (commit) => store.commit({ ...commit, write: commit.write.filter(({ kind }) => kind !== 'start_log') }),
        async close() {
          await store.close()
          await unused.close()
        },
      }
    },
  }
}
