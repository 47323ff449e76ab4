import type { JsonObject } from '../../domain/json.ts'

/** Reads a text field of an input that was checked against the tool's schema. */
export function inputText(input: JsonObject, field: string): string {
  const value = input[field]
  if (typeof value !== 'string') throw new Error(`The input was not checked: ${field} is no text.`)
  return value
}
