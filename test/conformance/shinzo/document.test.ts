import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const root = new URL('../../../', import.meta.url).pathname
const page = readFileSync(`${root}docs/dialects/shinzo.md`, 'utf8')

/** Rows that say who proves them. */
const rows = page
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter((cells) => cells.length === 5 && cells[3] !== 'proved by' && !cells[3]?.startsWith('---'))
  .map(([, statement = '', where = '', proof = '']) => ({ statement, where, proof }))

const files = globSync(['test/conformance/shinzo/*.test.ts', 'src/api/dialects/shinzo/*.test.ts'], { cwd: root })
const titles = new Set(files.flatMap((file) => titlesOf(readFileSync(root + file, 'utf8'))))

/** The titles of a test file, each with that of its group before it. */
function titlesOf(text: string): string[] {
  const calls = /^(\s*)(describe|it)(?:\.each\([\s\S]*?\))?\(\s*(['"`])(.*?)\3,/gmu
  let group = ''
  return [...text.matchAll(calls)].flatMap(([, indent, kind, , title = '']) => {
    if (kind === 'describe') group = `${title} `
    return kind === 'it' ? [(indent === '' ? '' : group) + title] : []
  })
}

it('there is a row for everything that the document says', () => {
  expect(rows.length).toBeGreaterThan(40)
})

it.each(rows)('"$statement" is proved by tests that are there', ({ where, proof }) => {
  expect(where).not.toBe('')
  const named = proof.replace(/ \(\*pending: waiting for people\*\)$/u, '').split('; ')
  for (const title of named) expect([...titles]).toContain(title)
})
