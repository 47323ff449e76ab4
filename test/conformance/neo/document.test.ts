import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const root = new URL('../../../', import.meta.url).pathname
const page = readFileSync(`${root}docs/dialects/neo.md`, 'utf8')
const pending = [
  'plan mode',
  'swarm',
  'waiting for people',
  'hand-off of artifacts',
  'file uploads',
  'sandboxes',
  'verification',
  'secrets',
]

/** Rows that say who proves them, by their first cell. */
const rows = page
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter((cells) => cells.length === 5 && cells[3] !== '' && cells[3] !== 'proved by' && !cells[3]?.startsWith('---'))
  .map(([, statement = '', where = '', proof = '']) => ({ statement, where, proof }))

const titles = new Set(
  globSync(['test/conformance/neo/*.test.ts', 'src/api/dialects/neo/**/*.test.ts'], { cwd: root }).flatMap((file) =>
    titlesOf(file),
  ),
)

/** The titles of a test file, each with that of its group before it. */
function titlesOf(file: string): string[] {
  const text = readFileSync(root + file, 'utf8')
  const calls = /^(\s*)(describe|it)(?:\.each\([\s\S]*?\))?\(\s*(['"`])(.*?)\3,/gmu
  let group = ''
  return [...text.matchAll(calls)].flatMap(([, indent, kind, , title = '']) => {
    if (kind === 'describe') group = `${title} `
    return kind === 'it' ? [(indent === '' ? '' : group) + title] : []
  })
}

it('there is a row for what the document says', () => {
  expect(rows.length).toBeGreaterThan(45)
})

it.each(rows)(
  '"$statement" is proved by a test that is there, and waits only for what may be waited for',
  ({ where, proof }) => {
    expect(where).not.toBe('')
    const waits = [...proof.matchAll(/\*pending: ([^*]+)\*/gu)].map(([, capability]) => capability)
    for (const capability of waits) expect(pending).toContain(capability)
    const named = proof.replace(/ \(\*pending.*$/u, '').split('; ')
    const whole = titles.has(named.join('; ')) ? [named.join('; ')] : named
    for (const title of joinSplit(whole)) expect([...titles], title).toContain(title)
  },
)

/** A title may hold the separator itself. */
function joinSplit(parts: readonly string[]): string[] {
  const joined: string[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    if (last !== undefined && !titles.has(last)) joined[joined.length - 1] = `${last}; ${part}`
    else joined.push(part)
  }
  return joined
}
