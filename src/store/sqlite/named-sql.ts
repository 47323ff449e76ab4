import type { Parameter } from './columns.ts'

/**
 * SQL whose parameters have names (`:owner_id`). It is prepared and bound by place, which costs least and makes the shortest
 * messages to the writer; the places follow from the names, so that no list of values has to be kept in step with it by hand.
 */
export interface NamedSql<Name extends string = string> {
  /** As it is prepared: a number for each name. */
  readonly text: string
  /** In the order in which they are bound, each once. */
  readonly names: readonly Name[]
}

export type ParameterValue = Parameter | boolean

/** What has to be given for each parameter. */
export type ValuesOf<Sql> = Sql extends NamedSql<infer Name> ? Readonly<Record<Name, ParameterValue>> : never

/** SQL is written with `:name` for each parameter; the same name twice is the same parameter. */
export function named<const Text extends string>(text: Text): NamedSql<NameIn<Text>> {
  return numberNames<NameIn<Text>>(text)
}

/** The same for SQL that is put together, whose names the compiler cannot see. */
export function numberNames<Name extends string>(text: string): NamedSql<Name> {
  const names: Name[] = []
  const numbered = text.replace(/:([a-z]\w*)/giu, (_, found) => {
    const name = found as Name // the caller's promise
    if (!names.includes(name)) names.push(name)
    return `?${names.indexOf(name) + 1}`
  })
  return { text: numbered, names }
}

/** The values in their places. Throws for one that is not given. */
export function placeValues<Name extends string>(
  { text, names }: NamedSql<Name>,
  values: Readonly<Record<Name, ParameterValue>>,
): Parameter[] {
  const placed: Parameter[] = [] // what `map` makes is written as JSON much more slowly
  for (const name of names) {
    const value: ParameterValue | undefined = values[name]
    if (value === undefined) throw new Error(`${name} is not given for: ${text}`)
    placed.push(typeof value === 'boolean' ? Number(value) : value)
  }
  return placed
}

/** A name ends where anything stands that is no part of one. */
type NameIn<Text> = Text extends `${string}:${infer Rest}` ? UpTo<Rest> | NameIn<Rest> : never
type UpTo<Text> = Cut<Cut<Cut<Cut<Cut<Text, ' '>, ','>, ')'>, '\n'>, ':'>
type Cut<Text, End extends string> = Text extends `${infer Start}${End}${string}` ? Start : Text
