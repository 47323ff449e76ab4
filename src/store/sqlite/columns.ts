import type { SQLOutputValue } from 'node:sqlite'

export type Row = Record<string, SQLOutputValue>

// Reads one column as what its declaration says. The tables are STRICT, so anything else is a defect of the statement.

export function text(row: Row, column: string): string {
  const value = row[column]
  if (typeof value !== 'string') throw new Error(`${column} is not text.`)
  return value
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column)
}

export function integer(row: Row, column: string): number {
  const value = row[column]
  if (typeof value !== 'number') throw new Error(`${column} is not an integer.`)
  return value
}

export function integerOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : integer(row, column)
}

export function flag(row: Row, column: string): boolean {
  return integer(row, column) === 1
}

export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column]
  if (!(value instanceof Uint8Array)) throw new Error(`${column} is not bytes.`)
  return value
}

export function oneOf<Word extends string>(words: readonly Word[], row: Row, column: string): Word {
  const value = row[column]
  const word = words.find((known) => known === value)
  if (word === undefined) throw new Error(`${column} has no meaning here: ${String(value)}.`)
  return word
}

/** What this store has itself written as JSON of that type. */
export function json<Value>(row: Row, column: string): Value {
  return JSON.parse(text(row, column))
}
