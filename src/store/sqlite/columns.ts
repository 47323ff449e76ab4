import type { SQLOutputValue } from 'node:sqlite'

export type Row = Record<string, SQLOutputValue>

/** What SQL is given for one of its parameters. */
export type Parameter = string | number | null | Uint8Array

/** What one column of a table holds, and how it is written there. */
export interface Column<Value> {
  /** Throws where the column holds anything else: the tables are STRICT, so that this is a defect of ours. */
  read(stored: SQLOutputValue | undefined, name: string): Value
  write(value: Value): Parameter
  /** How its parameter stands in SQL, where that is not the parameter alone. */
  readonly placeholder?: (parameter: string) => string
}

export const text: Column<string> = {
  read(stored, name) {
    if (typeof stored !== 'string') throw new Error(`${name} is not text.`)
    return stored
  },
  write: (value) => value,
}

export const integer: Column<number> = {
  read(stored, name) {
    if (typeof stored !== 'number') throw new Error(`${name} is not an integer.`)
    return stored
  },
  write: (value) => value,
}

export const flag: Column<boolean> = {
  read: (stored, name) => integer.read(stored, name) === 1,
  write: Number,
}

export const bytes: Column<Uint8Array> = {
  read(stored, name) {
    if (!(stored instanceof Uint8Array)) throw new Error(`${name} is not bytes.`)
    return stored
  },
  write: ownBytes,
}

/** Kept as bytes, half as long; handed to SQLite as text, since text travels to the writer more cheaply. */
export const hex: Column<string> = {
  read: (stored, name) => Buffer.from(bytes.read(stored, name)).toString('hex'),
  write: (value) => value,
  placeholder: (parameter) => `unhex(${parameter})`,
}

const digestPrefix = 'sha256:'

/** A `sha256:` digest, kept as its bytes. */
export const digest: Column<string> = {
  ...hex,
  read: (stored, name) => `${digestPrefix}${hex.read(stored, name)}`,
  write: (value) => value.slice(digestPrefix.length),
}

export const textOrBytes: Column<string | Uint8Array> = {
  read: (stored, name) => (typeof stored === 'string' ? stored : bytes.read(stored, name)),
  write: (value) => (typeof value === 'string' ? value : ownBytes(value)),
}

/** JSON of that type, which this store itself has written. */
export function json<Value>(): Column<Value> {
  return {
    read: (stored, name) => JSON.parse(text.read(stored, name)),
    write: (value) => JSON.stringify(value),
  }
}

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

/** Text that has this type because the store has written nothing else. */
export function textAs<Value extends string>(): Column<Value> {
  return { read: (stored, name) => text.read(stored, name) as Value, write: (value) => value }
}

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

/** What is sent to the writer is copied with all the memory that it is a view of. */
function ownBytes(value: Uint8Array): Uint8Array {
  return value.byteLength === value.buffer.byteLength ? value : new Uint8Array(value)
}
