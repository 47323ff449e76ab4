import { globSync, readFileSync } from 'node:fs'

const root = new URL('../../', import.meta.url).pathname

/** One statement of a product's document, where it is done, and the titles of the tests that prove it. */
export interface StatementRow {
  readonly statement: string
  readonly where: string
  readonly titles: readonly string[]
  /** The capabilities that it waits for. */
  readonly pending: readonly string[]
}

/** The rows of docs/dialects/<name>.md that say who proves them. */
export function readStatementRows(name: string): StatementRow[] {
  const lines = readFileSync(`${root}docs/dialects/${name}.md`, 'utf8').split('\n')
  const cells = lines.map((line) => line.split('|').map((cell) => cell.trim()))
  const rows = cells.filter((row) => row.length === 5 && row[3] !== 'proved by' && !row[3]?.startsWith('---'))
  return rows.map(([, statement = '', where = '', proof = '']) => ({
    statement,
    where,
    titles: proof.replaceAll(/ *\(\*pending: [^)]+\)/gu, '').split('; '),
    pending: [...proof.matchAll(/\*pending: ([^*]+)\*/gu)].map(([, capability = '']) => capability),
  }))
}

/** The titles of the tests of a dialect, each with that of its group before it. */
export function readTitles(name: string): Set<string> {
  const files = globSync([`test/conformance/${name}/*.test.ts`, `src/api/dialects/${name}/*.test.ts`], { cwd: root })
  return new Set(files.flatMap((file) => titlesOf(readFileSync(root + file, 'utf8'))))
}

function titlesOf(text: string): string[] {
  const calls = /^(\s*)(describe|it)(?:\.each(?:<[^(]*>)?\([\s\S]*?\))?\(\s*(['"`])(.*?)\3,/gmu
  let group = ''
  return [...text.matchAll(calls)].flatMap(([, indent, kind, , title = '']) => {
    if (kind === 'describe') group = `${title} `
    return kind === 'it' ? [(indent === '' ? '' : group) + title] : []
  })
}
