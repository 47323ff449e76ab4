import type { EventKind } from '../../src/domain/event.ts'
import type { Store } from '../../src/store/store.ts'

/** Called with the kinds of the events that a commit appends. */
export interface CommitHooks {
  before?(kinds: readonly EventKind[]): Promise<void> | void
  after?(kinds: readonly EventKind[]): Promise<void> | void
}

/** A store that lets something happen right before a commit or right after it, before its writer hears of it. */
export function watchCommits(store: Store, hooks: CommitHooks): Store {
  const commit: Store['commit'] = async (made) => {
    const kinds = made.write.flatMap((write) => (write.kind === 'append' ? write.events.map(({ kind }) => kind) : []))
    await hooks.before?.(kinds)
    const outcome = await store.commit(made)
    await hooks.after?.(kinds)
    return outcome
  }
  return new Proxy(store, {
    get(target, name) {
      if (name === 'commit') return commit
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
