import type { JsonObject } from './json.ts'

/** Why something that was read is not what it should be, in words that end a sentence. A value, since it was to be expected. */
export interface Problem {
  readonly problem: string
}

/** Says what is wrong with a value that stands at `at`, or nothing. */
export type Check = (value: unknown, at: string) => Problem | undefined

/** A check that lets through values of one type only. The type is inferred from the parts of the shape (`TypeOf`). */
export type Shape<T> = Check & { readonly type?: T }

/** The type of the values that a shape lets through. */
export type TypeOf<S> = S extends Shape<infer T> ? T : never

/** A field that may be left out. */
interface OptionalField<T> {
  readonly optional: Shape<T>
}

export function optional<T>(shape: Shape<T>): OptionalField<T> {
  return { optional: shape }
}

type Fields = Readonly<Record<string, Check | OptionalField<unknown>>>

type ObjectOf<F extends Fields> = {
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

/** A check for every field, so that a field that is added to the type does not compile until it is checked here. */
type FieldsOf<T> = { readonly [Name in keyof T]-?: Check }

/** Like `object`, for a type that stands elsewhere: it does not compile until it checks every field of the type. */
export function record<T>(fields: FieldsOf<T>): Check {
  return object(fields as Readonly<Record<string, Check>>)
}

/** Any JSON object: it is bound as it is, and nothing in it is acted on. */
export const anyObject: Shape<JsonObject> = (value, at) => {
  const is = typeof value === 'object' && value !== null && !Array.isArray(value)
  return is ? undefined : { problem: `${at} is not an object` }
}

/** An object whose members all pass, whatever their names. */
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

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value, at) => (value === null ? undefined : shape(value, at))
}

export function oneOf<const V extends string>(values: readonly V[]): Shape<V> {
  const known: readonly string[] = values
  return (value, at) =>
    typeof value === 'string' && known.includes(value)
      ? undefined
      : { problem: `${at} is not one of ${values.join(', ')}` }
}

export function matching<T extends string = string>(pattern: RegExp, what: string): Shape<T> {
  return (value, at) =>
    typeof value === 'string' && pattern.test(value) ? undefined : { problem: `${at} is not ${what}` }
}

export const text: Shape<string> = (value, at) =>
  typeof value === 'string' ? undefined : { problem: `${at} is not a text` }

export const flag: Shape<boolean> = (value, at) =>
  typeof value === 'boolean' ? undefined : { problem: `${at} is not true or false` }

export const onlyTrue: Shape<true> = (value, at) => (value === true ? undefined : { problem: `${at} is not true` })

/** No number that a double cannot tell from its neighbour. */
export const whole: Shape<number> = (value, at) =>
  Number.isSafeInteger(value) ? undefined : { problem: `${at} is not a whole number` }

export const count: Shape<number> = (value, at) =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? undefined : { problem: `${at} is not a whole number from 0 on` }

export const id = matching(/^[\s\S]+$/u, 'an id')
export const digest = matching(/^sha256:[0-9a-f]{64}$/u, 'a digest')
