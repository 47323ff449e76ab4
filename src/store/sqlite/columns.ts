import type { SQLOutputValue } from 'node:sqlite'

/** A row as SQLite returns it, by column name. */
export type Row = Record<string, SQLOutputValue>

/** A value that can be bound to a parameter of SQL. */
export type Parameter = string | number | null | Uint8Array

/** The conversion between the value of a column and its form in the database. */
export interface Column<Value> {
  /** Throws where the column holds another type. The tables are STRICT, so that this is a defect. */
  read(stored: SQLOutputValue | undefined, name: string): Value
  write(value: Value): Parameter
  /** The SQL that stands for the parameter, where that is not the parameter alone. */
  readonly placeholder?: (parameter: string) => string
}

/** A column of text. */
export const text: Column<string> = {
  read(stored, name) {
    if (typeof stored !== 'string') throw new Error(`${name} is not text.`)
    return stored
  },
  write: (value) => value,
}

/** A column of integers within the range that a JavaScript number holds exactly. */
export const integer: Column<number> = {
  read(stored, name) {
    if (typeof stored !== 'number') throw new Error(`${name} is not an integer.`)
    return stored
  },
  write: (value) => value,
}

/** A boolean, stored as 0 or 1. */
export const flag: Column<boolean> = {
  read: (stored, name) => integer.read(stored, name) === 1,
  write: Number,
}

/** A column of bytes. */
export const bytes: Column<Uint8Array> = {
  read(stored, name) {
    if (!(stored instanceof Uint8Array)) throw new Error(`${name} is not bytes.`)
    return stored
  },
  write: ownBytes,
}

/**
 * Hexadecimal digits, stored as bytes in half the length. SQLite is given text and decodes it, since text is cheaper to
 * send to the writer thread.
 */
export const hex: Column<string> = {
  read: (stored, name) => Buffer.from(bytes.read(stored, name)).toString('hex'),
  write: (value) => value,
  placeholder: (parameter) => `unhex(${parameter})`,
}

const digestPrefix = 'sha256:'

/** A `sha256:` digest, stored as its 32 bytes. */
export const digest: Column<string> = {
  ...hex,
  read: (stored, name) => `${digestPrefix}${hex.read(stored, name)}`,
  write: (value) => value.slice(digestPrefix.length),
}

/** A column that holds either text or bytes, and returns what was written. */
export const textOrBytes: Column<string | Uint8Array> = {
  read: (stored, name) => (typeof stored === 'string' ? stored : bytes.read(stored, name)),
  write: (value) => (typeof value === 'string' ? value : ownBytes(value)),
}

/** JSON of this type. The value is not validated, since only this store writes it. */
export function json<Value>(): Column<Value> {
  return {
    read: (stored, name) => JSON.parse(text.read(stored, name)),
    write: (value) => JSON.stringify(value),
  }
}

/** One of these words. Reading throws for any other. */
export function oneOf<const Word extends string>(words: readonly Word[]): Column<Word> {
  return {
    read(stored, name) {
      const word = words.find((known) => known === stored)
      if (word === undefined) throw new Error(`${name} has no meaning here: ${String(stored)}.`)
      return word
    },
    write: (value) => value,
  }
}

/** Text of a narrower type. It is not validated, since only this store writes it. */
export function textAs<Value extends string>(): Column<Value> {
  return { read: (stored, name) => text.read(stored, name) as Value, write: (value) => value }
}

/** The same column, which may also be NULL. */
export function nullable<Value>(column: Column<Value>): Column<Value | null> {
  return {
    ...column,
    read: (stored, name) => (stored === null ? null : column.read(stored, name)),
    write: (value) => (value === null ? null : column.write(value)),
  }
}

/** Reads one column of a row. */
export function readColumn<Value>(row: Row, name: string, column: Column<Value>): Value {
  return column.read(row[name], name)
}

/** A copy of exactly these bytes: sending a view to the writer thread would copy the whole buffer behind it. */
function ownBytes(value: Uint8Array): Uint8Array {
  return value.byteLength === value.buffer.byteLength ? value : new Uint8Array(value)
}
