import { expect, test } from 'vitest'
import { readStatementRows, readTitles } from './statement-rows.ts'

/**
 * The page of a dialect keeps its word: it has at least so many rows, each names where it is done and tests that are there,
 * and waits for nothing but what it may wait for.
 */
export function describeDocument(name: string, rowsMin: number, mayWait: readonly string[]): void {
  const rows = readStatementRows(name)
  const titles = [...readTitles(name)]

  test('there is a row for everything that the document says', () => {
    expect(rows.length).toBeGreaterThan(rowsMin)
  })

  test.each(rows)('"$statement" is proved by tests that are there, or waits for what may be waited for', (row) => {
    expect(row.where).not.toBe('')
    expect(row.titles.length + row.pending.length).toBeGreaterThan(0)
    for (const title of row.titles) expect(titles.some(matches(title)), title).toBe(true)
    for (const capability of row.pending) expect(mayWait).toContain(capability)
  })
}

/** A title is named whole, or cut by `…`. */
function matches(named: string): (title: string) => boolean {
  const parts = named.split('…').map((part) => part.trim())
  if (parts.length === 1) return (title) => title === named.trim()
  return (title) => {
    let at = 0
    return parts.every((part) => {
      const found = title.indexOf(part, at)
      at = found + part.length
      return found >= 0
    })
  }
}
