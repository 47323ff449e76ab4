import type { Store } from '../../src/store/store.ts'

/** A store as a process has it that can be killed: from then on nothing is asked of it, and nothing comes back. */
export function createMortalStore(store: Store) {
  let dead = false
  const never = new Promise<never>(() => undefined)
  const guarded = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...given: unknown[]) => {
        if (dead) return never
        const answer: unknown = value.apply(target, given)
        if (!(answer instanceof Promise)) return answer
        return answer.then(
          (result) => (dead ? never : result),
          (error: unknown) => (dead ? never : Promise.reject(error)),
        )
      }
    },
  })
  return {
    store: guarded,
    kill() {
      dead = true
    },
  }
}
