import type { Store } from '../store.ts'

/** Opens an empty store. `close` takes everything away that it left behind. */
export type OpenStore = (options?: { commitsWaitingMax?: number }) => Promise<Store>

/** A test on an empty store of its own. */
export type WithStore = (body: (store: Store) => Promise<void>, options?: OpenStoreOptions) => () => Promise<void>

type OpenStoreOptions = Parameters<OpenStore>[0]

export function withStoreOf(open: OpenStore): WithStore {
  return (body, options) => async () => {
    const store = await open(options)
    try {
      await body(store)
    } finally {
      await store.close()
    }
  }
}
