import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const folder = fileURLToPath(new URL('../../docs/decisions/', import.meta.url))
const pages = globSync('*.md', { cwd: folder }).sort()

test('decisions are numbered one after the other, each by its own number', () => {
  const numbers = pages.map((page) => Number.parseInt(basename(page), 10))
  expect(numbers).toEqual(pages.map((_, index) => index + 1))
})

test.each(pages)('%s begins with its number', (page) => {
  const title = readFileSync(join(folder, page), 'utf8').split('\n')[0] ?? ''
  expect(title).toMatch(new RegExp(`^# ${Number.parseInt(page, 10)}\\. \\S`, 'u'))
})
