import { type Column, type Parameter, type Row, readColumn } from './columns.ts'
import { type NamedSql, numberNames } from './named-sql.ts'

/** A column of a table: where it stands, and how its value is made of what the row means. */
interface Place<Entity> {
  readonly name: string
  readonly placeholder: (parameter: string) => string
  write(entity: Entity): Parameter
}

/** A property that is kept in columns of its own making. */
export interface Spread<Value> {
  /** How each of them is written. */
  readonly columns: Readonly<Record<string, (value: Value) => Parameter>>
  read(row: Row): Value
}

/** A property that is read with the row and written elsewhere: a number that the store gives, a column of a joined table. */
export interface ReadOnly<Value> {
  readonly readOnly: Column<Value>
}

export const readOnly = <Value>(column: Column<Value>): ReadOnly<Value> => ({ readOnly: column })

type Fields<Entity> = {
  readonly [Key in keyof Entity]: Column<Entity[Key]> | Spread<Entity[Key]> | ReadOnly<Entity[Key]>
}

/** One statement for a row, with how its parameters are made. */
export interface RowSql<Entity> extends NamedSql {
  parametersOf(entity: Entity): Parameter[]
}

/** A table whose SQL and conversions all follow from one list of columns. */
export interface Table<Entity> {
  /** What is `assigned` is bound first, by whoever knows it. */
  readonly insert: RowSql<Entity>
  /** Changes nothing where there is a row with its key. */
  readonly insertIfAbsent: RowSql<Entity>
  /** By the key. It leaves the key as it is, and what is `kept`. */
  readonly update: RowSql<Entity>
  /** The insert, or the update where there is a row with its key. */
  readonly upsert: RowSql<Entity>
  read(row: Row): Entity
}

export interface TableOptions<Entity> {
  readonly name: string
  /** The column by which an update finds its row. */
  readonly key: string
  /** A column for each property, in its name (`teamId` in `team_id`). */
  readonly fields: Fields<Entity>
  /** Columns that follow from others and are never read back, such as what an index is ordered by. */
  readonly derived?: Readonly<Record<string, (entity: Entity) => Parameter>>
  /** Columns that an update leaves as they are. */
  readonly kept?: readonly string[]
  /** Columns whose values are known to the writer only. */
  readonly assigned?: readonly string[]
}

export function defineTable<Entity extends object>(options: TableOptions<Entity>): Table<Entity> {
  const { name, key, assigned = [], kept = [] } = options
  const places = placesOf(options)
  const changed = places.filter((place) => place.name !== key && !kept.includes(place.name))
  const columns = [...assigned, ...places.map((place) => place.name)].join(', ')
  const values = [...assigned.map((column) => `:${column}`), ...places.map(placeholderOf)].join(', ')
  const insert = `INSERT INTO ${name} (${columns}) VALUES (${values})`
  const update = changed.map((place) => `${place.name} = ${placeholderOf(place)}`).join(', ')
  const overwrite = changed.map((place) => `${place.name} = excluded.${place.name}`).join(', ')
  return {
    insert: rowSql(insert, places),
    insertIfAbsent: rowSql(`${insert} ON CONFLICT (${key}) DO NOTHING`, places),
    update: rowSql(`UPDATE ${name} SET ${update} WHERE ${key} = :${key}`, places),
    upsert: rowSql(`${insert} ON CONFLICT (${key}) DO UPDATE SET ${overwrite}`, places),
    read: createReader(options.fields),
  }
}

function placeholderOf<Entity>({ name, placeholder }: Place<Entity>): string {
  return placeholder(`:${name}`)
}

function rowSql<Entity>(text: string, places: readonly Place<Entity>[]): RowSql<Entity> {
  const sql = numberNames(text)
  const writers = sql.names.flatMap((name) => places.find((place) => place.name === name)?.write ?? [])
  return {
    ...sql,
    parametersOf(entity) {
      const parameters: Parameter[] = [] // what `map` makes is written as JSON much more slowly
      for (const write of writers) parameters.push(write(entity))
      return parameters
    },
  }
}

function placesOf<Entity extends object>({ fields, derived = {} }: TableOptions<Entity>): Place<Entity>[] {
  const places: Place<Entity>[] = []
  for (const property of propertiesOf(fields)) {
    const field = fields[property]
    if ('readOnly' in field) continue
    if ('columns' in field) {
      for (const [name, write] of Object.entries(field.columns)) {
        places.push({ name, placeholder: plain, write: (entity) => write(entity[property]) })
      }
    } else {
      const { placeholder = plain } = field
      places.push({ name: columnOf(property), placeholder, write: (entity) => field.write(entity[property]) })
    }
  }
  for (const [name, write] of Object.entries(derived)) places.push({ name, placeholder: plain, write })
  return places
}

const plain = (parameter: string) => parameter

function createReader<Entity extends object>(fields: Fields<Entity>): (row: Row) => Entity {
  const readers = propertiesOf(fields).map((property) => [property, readerOf(property, fields[property])] as const)
  return (row) => {
    const entity: Partial<Entity> = {}
    for (const [property, read] of readers) entity[property] = read(row)
    return entity as Entity // every property was read
  }
}

function readerOf<Entity, Key extends keyof Entity>(property: Key, field: Fields<Entity>[Key]) {
  if ('columns' in field) return field.read
  const column: Column<Entity[Key]> = 'readOnly' in field ? field.readOnly : field
  const name = columnOf(property)
  return (row: Row) => readColumn(row, name, column)
}

function propertiesOf<Entity extends object>(fields: Fields<Entity>): (keyof Entity)[] {
  return Object.keys(fields) as (keyof Entity)[] // it has these properties and no others
}

function columnOf(property: PropertyKey): string {
  return String(property).replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`)
}
