import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const pages = globSync('docs/dialects/*.md', { cwd: root })

/** What a page names in code style and looks like a file or a folder of the repository; routes begin with a slash. */
function pathsIn(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8')
  const quoted = [...text.matchAll(/`([\w.-]+(?:\/[\w.-]+)*\/?)`/gu)].map(([, path = '']) => path)
  return quoted.filter((path) => /\.(?:ts|mjs)$/u.test(path) || /^(?:src|test|docs|policies)\//u.test(path))
}

test('there is a page for each dialect', () => {
  const dialects = globSync('src/api/dialects/*/', { cwd: root }).map((folder) => basename(folder))
  expect(dialects.length).toBeGreaterThanOrEqual(5)
  for (const dialect of dialects) expect(pages).toContain(join('docs/dialects', `${dialect}.md`))
})

test.each(pages)('every file that %s names exists', (page) => {
  const dialect = basename(page, '.md')
  const folders = ['', `src/api/dialects/${dialect}`, 'src/api/edge', `test/conformance/${dialect}`, 'docs/dialects']
  const missing = pathsIn(page).filter((path) => !folders.some((folder) => existsSync(join(root, folder, path))))
  expect(missing).toEqual([])
})

test('paths are found in the pages at all', () => {
  expect(pages.flatMap(pathsIn).length).toBeGreaterThan(100)
})
