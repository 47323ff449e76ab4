import { type Column, type Parameter, type Row, readColumn } from './columns.ts'
import { type NamedSql, numberNames } from './named-sql.ts'

/** A column of a table with the conversions of its value. */
interface Place<Entity> {
  readonly name: string
  readonly placeholder: (parameter: string) => string
  write(entity: Entity): Parameter
}

/** A property that is stored in several columns. */
export interface Spread<Value> {
  /** The value of each column. */
  readonly columns: Readonly<Record<string, (value: Value) => Parameter>>
  read(row: Row): Value
}

/**
 * A property that is read with the row and written elsewhere, such as a number that the store assigns or a column of a
 * joined table.
 */
export interface ReadOnly<Value> {
  readonly readOnly: Column<Value>
}

/** Marks a property as read only. */
export const readOnly = <Value>(column: Column<Value>): ReadOnly<Value> => ({ readOnly: column })

type Fields<Entity> = {
  readonly [Key in keyof Entity]: Column<Entity[Key]> | Spread<Entity[Key]> | ReadOnly<Entity[Key]>
}

/** SQL that writes one row, with the conversion of an entity to its parameters. */
export interface RowSql<Entity> extends NamedSql {
  parametersOf(entity: Entity): Parameter[]
}

/** A table whose SQL and conversions all follow from one list of columns. */
export interface Table<Entity> {
  /** The `assigned` columns are bound first, by the caller that knows them. */
  readonly insert: RowSql<Entity>
  /** The insert. It changes nothing where there is a row with its key. */
  readonly insertIfAbsent: RowSql<Entity>
  /** Updates the row with the key. The key and the `kept` columns stay as they are. */
  readonly update: RowSql<Entity>
  /** Inserts the row, or updates it where there is one with its key. */
  readonly upsert: RowSql<Entity>
  read(row: Row): Entity
}

/** The columns of a table and the properties that they hold. */
export interface TableOptions<Entity> {
  readonly name: string
  /** The column by which an update finds its row. */
  readonly key: string
  /** A column for each property, named after it (`teamId` is stored in `team_id`). */
  readonly fields: Fields<Entity>
  /** Columns that are derived from the entity and never read back, such as the one that orders an index. */
  readonly derived?: Readonly<Record<string, (entity: Entity) => Parameter>>
  /** Columns that an update leaves as they are. */
  readonly kept?: readonly string[]
  /** Columns whose values only the writer knows. */
  readonly assigned?: readonly string[]
}

/** Derives the SQL and the conversions of a table from its columns. */
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
      // An array made by `map` is written as JSON much more slowly.
      const parameters: Parameter[] = []
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
    return entity as Entity // Every property was read.
  }
}

function readerOf<Entity, Key extends keyof Entity>(property: Key, field: Fields<Entity>[Key]) {
  if ('columns' in field) return field.read
  const column: Column<Entity[Key]> = 'readOnly' in field ? field.readOnly : field
  const name = columnOf(property)
  return (row: Row) => readColumn(row, name, column)
}

function propertiesOf<Entity extends object>(fields: Fields<Entity>): (keyof Entity)[] {
  return Object.keys(fields) as (keyof Entity)[] // The type has these properties and no others.
}

function columnOf(property: PropertyKey): string {
  return String(property).replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`)
}
