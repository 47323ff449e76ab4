import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

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
  let inside = false
  const rows = cells.filter((row) => {
    const heading = row[3]?.toLowerCase() === 'proved by'
    inside = row.length === 5 && (inside || heading)
    return inside && !heading && !row[3]?.startsWith('---')
  })
  const known = readTitles(name)
  return rows.map(([, statement = '', where = '', proof = '']) => ({
    statement,
    where,
    titles: titlesIn(proof.replaceAll(/ *\(?\*pending: [^*)]+\*?[^)]*\)?/gu, ''), known),
    pending: [...proof.matchAll(/\*pending: ([^*]+)\*/gu)].map(([, capability = '']) => capability),
  }))
}

/** Titles stand bare between semicolons, or in italics behind the name of their file, cut by `…` where they are long. */
function titlesIn(proof: string, known: ReadonlySet<string>): string[] {
  const italic = [...proof.matchAll(/\*([^*]+)\*/gu)].map(([, title = '']) => title)
  return italic.length > 0 ? italic : splitTitles(proof, known)
}

/** A title may hold the separator itself. */
function splitTitles(proof: string, known: ReadonlySet<string>): string[] {
  const titles: string[] = []
  for (const part of proof.split('; ').filter(Boolean)) {
    const last = titles.at(-1)
    if (last === undefined || known.has(last)) titles.push(part)
    else titles[titles.length - 1] = `${last}; ${part}`
  }
  return titles
}

/** The titles of the tests of a dialect, each also with that of its group before it. */
export function readTitles(name: string): Set<string> {
  const own = [`test/conformance/${name}/*.test.ts`, `src/api/dialects/${name}/**/*.test.ts`]
  const shared = ['test/conformance/*.test.ts', 'src/auth/*.test.ts', 'src/engine/**/*.test.ts']
  const files = globSync([...own, ...shared], { cwd: root })
  return new Set(files.flatMap((file) => titlesOf(readFileSync(join(root, file), 'utf8'))))
}

function titlesOf(text: string): string[] {
  const calls = /^(\s*)(describe|it|test)(?:\.each(?:<[^(]*>)?\([\s\S]*?\))?\(\s*(['"`])(.*?)\3,/gmu
  let group = ''
  return [...text.matchAll(calls)].flatMap(([, indent, kind, , title = '']) => {
    if (kind === 'describe') group = `${title} `
    return kind === 'describe' ? [] : indent === '' ? [title] : [title, group + title]
  })
}
