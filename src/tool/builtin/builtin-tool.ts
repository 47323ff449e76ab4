import type { JsonObject } from '../../domain/json.ts'
import type { Limits } from '../../domain/limits.ts'

/** Reads a text field of an input that was checked against the tool's schema. */
export function inputText(input: JsonObject, field: string): string {
  const value = input[field]
  if (typeof value !== 'string') throw new Error(`The input was not checked: ${field} is no text.`)
  return value
}

/** The configured limits that the file tools are described with and that their input is checked against. */
export type FileToolLimits = Pick<Limits, 'file_bytes_max' | 'path_chars_max'>

/** The common declarations of the file tools. They cost nothing here; a dialect with a tariff sets its own price. */
export const fileToolLimits = {
  costMicrosUsd: 0,
  timeoutMs: 30_000,
  outputBytesMax: 100_000,
  labels: [],
  sinks: [],
  approvalCategories: [],
} as const

/** The text of UTF-8 bytes without a byte order mark, or undefined where they are not text. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    // It throws only where the bytes are not UTF-8.
    return undefined
  }
}
