/**
 * A bounded memory in two generations: when the newer one is half of what may be kept, it becomes the older one, and what
 * was the older one is forgotten. Nothing has to be moved or counted out one by one.
 */
export function createGenerations<Value>(weightMax: number, weigh: (value: Value) => number) {
  let newer = new Map<string, Value>()
  let older = new Map<string, Value>()
  let weight = 0
  return {
    get: (id: string): Value | undefined => newer.get(id) ?? older.get(id),
    set(id: string, value: Value) {
      if (weight >= weightMax / 2) {
        older = newer
        newer = new Map()
        weight = 0
      }
      if (!newer.has(id)) weight += weigh(value)
      newer.set(id, value)
    },
    forget(id: string) {
      newer.delete(id)
      older.delete(id)
    },
    /** Looks at everything that is remembered. */
    forgetWhere(isGone: (value: Value) => boolean) {
      for (const values of [newer, older]) {
        for (const [id, value] of values) if (isGone(value)) values.delete(id)
      }
    },
  }
}
