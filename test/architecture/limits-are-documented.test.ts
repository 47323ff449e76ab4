import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { limitDefaults } from '../../src/domain/limits.ts'

const operating = readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8')

/** Bytes are written in the units that people read. */
function inWords(value: number): string[] {
  const units = [
    ['MiB', 1024 * 1024],
    ['KiB', 1024],
  ] as const
  return [String(value), ...units.flatMap(([unit, size]) => (value % size === 0 ? [`${value / size} ${unit}`] : []))]
}

test('every limit stands in docs/operating.md with its default', () => {
  const rows = operating.split('\n').filter((line) => line.startsWith('| `'))
  for (const [name, value] of Object.entries(limitDefaults)) {
    const row = rows.find((line) => line.includes(`\`${name}\``))
    expect(row, `${name} is not documented`).toBeDefined()
    const [, names = '', values = ''] = (row ?? '').split('|')
    const at = names.split(',').findIndex((part) => part.includes(`\`${name}\``))
    expect(inWords(value), `the default of ${name}`).toContain(values.split(',')[at]?.trim())
  }
})
