import type { JsonObject } from './json.ts'

/**
 * A reason for which a value is invalid, in words that end a sentence. It is a value and no error, since invalid input
 * is expected.
 */
export interface Problem {
  readonly problem: string
}

/** Checks a value that was found at `at`. Returns the problem, or undefined where there is none. */
export type Check = (value: unknown, at: string) => Problem | undefined

/** A check that accepts values of one type only. The type is inferred from the parts of the shape (`TypeOf`). */
export type Shape<T> = Check & { readonly type?: T }

/** The type of the values that a shape accepts. */
export type TypeOf<S> = S extends Shape<infer T> ? T : never

/** A field that may be left out. */
interface OptionalField<T> {
  readonly optional: Shape<T>
}

/** A field that may be absent. */
export function optional<T>(shape: Shape<T>): OptionalField<T> {
  return { optional: shape }
}

/** The fields of an object, by their names. */
export type Fields = Readonly<Record<string, Check | OptionalField<unknown>>>

/** The object that has these fields. */
export type ObjectOf<F extends Fields> = {
  readonly [Name in keyof F as F[Name] extends OptionalField<unknown> ? never : Name]: TypeOf<F[Name]>
} & {
  readonly [Name in keyof F as F[Name] extends OptionalField<unknown> ? Name : never]?: F[Name] extends OptionalField<
    infer T
  >
    ? T | undefined
    : never
}

/** An object with exactly these fields. */
export function object<F extends Fields>(fields: F): Shape<ObjectOf<F>> {
  const checks = Object.entries(fields).map(([name, field]) =>
    typeof field === 'function'
      ? { name, check: field, required: true }
      : { name, check: field.optional, required: false },
  )
  const names = new Set(checks.map(({ name }) => name))
  return (value, at) => {
    const wrong = anyObject(value, at)
    if (wrong !== undefined) return wrong
    const held = new Map<string, unknown>(Object.entries(value as object))
    for (const name of held.keys()) {
      if (!names.has(name)) return { problem: `${at} has the unknown field ${JSON.stringify(name)}` }
    }
    for (const { name, check, required } of checks) {
      if (!held.has(name)) {
        if (required) return { problem: `${at} lacks ${name}` }
        continue
      }
      const problem = check(held.get(name), `${at}.${name}`)
      if (problem !== undefined) return problem
    }
    return undefined
  }
}

/** A check for every field, so that a new field of the type does not compile before it is checked. */
type FieldsOf<T> = {
  readonly [Name in keyof T]-?: undefined extends T[Name] ? OptionalField<unknown> : Check
}

/** An object of a type that is declared elsewhere. It does not compile before it checks every field of the type. */
export function record<T>(fields: FieldsOf<T>): Check {
  return object(fields as Fields)
}

/** Any JSON object. It is bound as it is, and nothing acts on its members. */
export const anyObject: Shape<JsonObject> = (value, at) => {
  const is = typeof value === 'object' && value !== null && !Array.isArray(value)
  return is ? undefined : { problem: `${at} is not an object` }
}

/** An object with any names whose members all have this shape. */
export function mapOf<T>(shape: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return (value, at) => {
    const wrong = anyObject(value, at)
    if (wrong !== undefined) return wrong
    for (const [name, member] of Object.entries(value as object)) {
      const problem = shape(member, `${at}[${JSON.stringify(name)}]`)
      if (problem !== undefined) return problem
    }
    return undefined
  }
}

/** An array whose elements all have this shape. */
export function listOf<T>(shape: Shape<T>): Shape<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) return { problem: `${at} is not a list` }
    for (const [i, entry] of value.entries()) {
      const problem = shape(entry, `${at}[${i}]`)
      if (problem !== undefined) return problem
    }
    return undefined
  }
}

/** The shape, or null. */
export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value, at) => (value === null ? undefined : shape(value, at))
}

/** One of these texts. */
export function oneOf<const V extends string>(values: readonly V[]): Shape<V> {
  const known: readonly unknown[] = values
  return (value, at) => (known.includes(value) ? undefined : { problem: `${at} is not one of ${values.join(', ')}` })
}

/** A text that matches the pattern. `what` says in words what it should be. */
export function matching<T extends string = string>(pattern: RegExp, what: string): Shape<T> {
  return (value, at) =>
    typeof value === 'string' && pattern.test(value) ? undefined : { problem: `${at} is not ${what}` }
}

/** Any text. */
export const text: Shape<string> = (value, at) =>
  typeof value === 'string' ? undefined : { problem: `${at} is not a text` }

/** A boolean. */
export const flag: Shape<boolean> = (value, at) =>
  typeof value === 'boolean' ? undefined : { problem: `${at} is not true or false` }

/** The value true. */
export const onlyTrue: Shape<true> = (value, at) => (value === true ? undefined : { problem: `${at} is not true` })

/** A whole number that a double holds exactly. */
export const whole: Shape<number> = (value, at) =>
  Number.isSafeInteger(value) ? undefined : { problem: `${at} is not a whole number` }

/** A whole number from 0 on. */
export const count: Shape<number> = (value, at) =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? undefined : { problem: `${at} is not a whole number from 0 on` }

/** A text that is not empty. */
export const id = matching(/^[\s\S]+$/u, 'an id')
/** A digest: `sha256:` and 64 hexadecimal digits. */
export const digest = matching(/^sha256:[0-9a-f]{64}$/u, 'a digest')
