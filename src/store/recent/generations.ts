/**
 * A bounded cache in two generations. When the newer one reaches half of `weightMax` it becomes the older one, and the
 * previous older one is forgotten, so that no entry has to be moved or counted out singly.
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
    /** Forgets every entry that the function is true for. The cost grows with the number of entries. */
    forgetWhere(isGone: (value: Value) => boolean) {
      for (const values of [newer, older]) {
        for (const [id, value] of values) if (isGone(value)) values.delete(id)
      }
    },
  }
}
