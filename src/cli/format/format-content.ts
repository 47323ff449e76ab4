import type { Readable } from '../../api/native/contract/sealed.ts'
import { purgedPlaceholder, sealedPlaceholder } from '../../domain/content.ts'
import { oneLine, shorten } from './printable.ts'

/** A content as text, whatever became of it. */
export function formatReadable(content: Readable): string {
  if (typeof content === 'string') return content
  return content === null ? purgedPlaceholder : sealedPlaceholder
}

/**
 * The arguments of an action on one line: `path: a.txt, content: hello world`. The short ones come first, which mostly name
 * something, whatever order they are kept in.
 */
export function formatArguments(value: unknown, charsMax: number): string {
  if (value === null || value === undefined) return purgedPlaceholder
  if (typeof value !== 'object') return shorten(oneLine(String(value)), charsMax)
  if ('sealed' in value) return sealedPlaceholder
  const entries = Object.entries(value)
    .map(([name, one]) => [name, formatValue(one)] as const)
    .toSorted(([, one], [, other]) => one.length - other.length)
  // A long value must not push the others out of sight.
  const each = Math.max(20, Math.floor(charsMax / Math.max(1, entries.length)) - 2)
  const room = entries.length === 1 ? charsMax : each
  return shorten(entries.map(([name, one]) => `${name}: ${shorten(one, room)}`).join(', '), charsMax)
}

/** The first line that says something, and how many follow. */
export function formatOutput(text: string, charsMax: number): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const [first = '(empty)'] = lines
  const more = lines.length > 1 ? ` (+${lines.length - 1} ${lines.length === 2 ? 'line' : 'lines'})` : ''
  return `${shorten(oneLine(first), Math.max(10, charsMax - more.length))}${more}`
}

function formatValue(value: unknown): string {
  return oneLine(typeof value === 'string' ? value : JSON.stringify(value))
}
