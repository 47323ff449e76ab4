import type { JsonObject, JsonValue } from '../../domain/json.ts'

/** JSON that a person wrote, with the position of each value in its text. */
export interface PlacedJson {
  readonly value: JsonValue
  /** The offsets in the text by JSON pointer (`/content/secrets`), of each value and of each member's name. */
  readonly values: ReadonlyMap<string, number>
  readonly names: ReadonlyMap<string, number>
}

/** Thrown for an invalid text, with the offset of the problem. */
export class MisplacedJson extends Error {
  readonly offset: number
  constructor(offset: number, message: string) {
    super(message)
    this.name = 'MisplacedJson'
    this.offset = offset
  }
}

const nestingMax = 32
const space = /[\t\n\r ]*/y
const text = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy
const word = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y

/**
 * Reads a JSON text as `JSON.parse` would, but refuses a name that occurs twice in one object. Throws MisplacedJson.
 */
export function readJson(source: string): PlacedJson {
  const values = new Map<string, number>()
  const names = new Map<string, number>()
  let at = 0

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(source)?.[0]
    at += found?.length ?? 0
    return found
  }
  const next = (): string | undefined => {
    take(space)
    return source[at]
  }
  const expect = (character: string, wanted: string): void => {
    if (next() !== character) throw new MisplacedJson(at, `${wanted} is missing here.`)
    at += 1
  }

  const readValue = (pointer: string, depth: number): JsonValue => {
    const first = next()
    values.set(pointer, at)
    if (depth > nestingMax) throw new MisplacedJson(at, `Nested more than ${nestingMax} deep.`)
    if (first === '{') return readObject(pointer, depth)
    if (first === '[') return readArray(pointer, depth)
    const found = take(first === '"' ? text : word)
    if (found === undefined) throw new MisplacedJson(at, 'A value is missing here, or is not JSON.')
    return JSON.parse(found)
  }

  const readArray = (pointer: string, depth: number): JsonValue[] => {
    const items: JsonValue[] = []
    at += 1
    if (next() !== ']') {
      do items.push(readValue(`${pointer}/${items.length}`, depth + 1))
      while (hasMore())
    }
    expect(']', 'A "," or "]"')
    return items
  }

  const readObject = (pointer: string, depth: number): JsonObject => {
    const members = new Map<string, JsonValue>()
    at += 1
    if (next() !== '}') {
      do {
        next()
        const nameAt = at
        const found = take(text)
        if (found === undefined) throw new MisplacedJson(at, 'A name in double quotes is missing here.')
        const name: string = JSON.parse(found)
        if (members.has(name)) throw new MisplacedJson(nameAt, `The name ${found} stands here a second time.`)
        const own = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
        names.set(own, nameAt)
        expect(':', 'A ":"')
        members.set(name, readValue(own, depth + 1))
      } while (hasMore())
    }
    expect('}', 'A "," or "}"')
    return Object.fromEntries(members)
  }

  const hasMore = (): boolean => {
    const more = next() === ','
    if (more) at += 1
    return more
  }

  const value = readValue('', 0)
  if (next() !== undefined) throw new MisplacedJson(at, 'The text goes on after its end.')
  return { value, values, names }
}
