import type { JsonObject } from '../../domain/json.ts'
import { type Fields, type ObjectOf, object } from '../../domain/shape.ts'

/**
 * Makes the reader of the data that a dialect keeps with its tasks or runs and the core does not interpret. The
 * fields are checked and not cast, and other fields are left out. The reader throws for a value that the dialect
 * never wrote, because that is a defect.
 */
export function defineExtension<F extends Fields>(fields: F): (kept: JsonObject) => ObjectOf<F> {
  const shape = object(fields)
  const names = Object.keys(fields)
  return (kept) => {
    const held = Object.fromEntries(names.filter((name) => Object.hasOwn(kept, name)).map((name) => [name, kept[name]]))
    const wrong = shape(held, 'the extension')
    if (wrong !== undefined) throw new Error(`What a dialect keeps cannot be read: ${wrong.problem}.`)
    return held as ObjectOf<F>
  }
}
