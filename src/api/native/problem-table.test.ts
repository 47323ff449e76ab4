import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { refusalCodes } from '../../domain/refusal.ts'
import { problemTable } from './problem-table.ts'

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
const sections = new Map(
  page
    .split(/^### /mu)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section] as const),
)

test('every code has its heading in docs/errors.md, and every heading is a code', () => {
  expect([...sections.keys()].sort()).toEqual([...refusalCodes].sort())
})

test.each(refusalCodes)('the section of %s begins with its status', (code) => {
  expect(sections.get(code)).toContain(`\n\n${problemTable[code].status}. `)
})
