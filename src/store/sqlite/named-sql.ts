import type { Parameter } from './columns.ts'

/**
 * SQL whose parameters have names (`:owner_id`). It is prepared and bound by position, which costs least and makes the
 * shortest messages to the writer thread. The positions follow from the names, so that no list of values has to be kept
 * in step by hand.
 */
export interface NamedSql<Name extends string = string> {
  /** The SQL as it is prepared, with a number for each name. */
  readonly text: string
  /** The names in the order in which they are bound, each once. */
  readonly names: readonly Name[]
}

/** A value for a named parameter. Booleans are stored as 0 and 1. */
export type ParameterValue = Parameter | boolean

/** The values that SQL needs, by the names of its parameters. */
export type ValuesOf<Sql> = Sql extends NamedSql<infer Name> ? Readonly<Record<Name, ParameterValue>> : never

/** SQL with `:name` for each parameter. The same name twice is the same parameter. */
export function named<const Text extends string>(text: Text): NamedSql<NameIn<Text>> {
  return numberNames<NameIn<Text>>(text)
}

/** The same for SQL that is composed at run time, whose names the compiler cannot see. */
export function numberNames<Name extends string>(text: string): NamedSql<Name> {
  const names: Name[] = []
  const numbered = text.replace(/:([a-z]\w*)/giu, (_, found) => {
    // The caller states that the text has no other names.
    const name = found as Name
    if (!names.includes(name)) names.push(name)
    return `?${names.indexOf(name) + 1}`
  })
  return { text: numbered, names }
}

/** The values in the order of the parameters. Throws where one is missing. */
export function placeValues<Name extends string>(
  { text, names }: NamedSql<Name>,
  values: Readonly<Record<Name, ParameterValue>>,
): Parameter[] {
  // An array made by `map` is written as JSON much more slowly.
  const placed: Parameter[] = []
  for (const name of names) {
    const value: ParameterValue | undefined = values[name]
    if (value === undefined) throw new Error(`${name} is not given for: ${text}`)
    placed.push(typeof value === 'boolean' ? Number(value) : value)
  }
  return placed
}

/** The names in a text. A name ends before the first character that cannot be part of one. */
type NameIn<Text> = Text extends `${string}:${infer Rest}` ? UpTo<Rest> | NameIn<Rest> : never
type UpTo<Text> = Cut<Cut<Cut<Cut<Cut<Text, ' '>, ','>, ')'>, '\n'>, ':'>
type Cut<Text, End extends string> = Text extends `${infer Start}${End}${string}` ? Start : Text
