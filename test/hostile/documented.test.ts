import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const guard = new URL('../../docs/guard.md', import.meta.url)
const rows = readFileSync(guard, 'utf8')
  .split('\n')
  .flatMap((line) => {
    const cell = /\]\((?<file>[^)]+\.test\.ts)\): "(?<title>[^"]+)" \|$/u.exec(line)?.groups
    return cell === undefined ? [] : [[cell['title'] ?? '', cell['file'] ?? ''] as const]
  })

test('docs/guard.md names a test for each attack that it says is defended', () => {
  const text = readFileSync(guard, 'utf8')
  const section = text.slice(text.indexOf('## Attacks that are defended'), text.indexOf('## Attacks that are not'))
  const attacks = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| attack'))
  expect(rows.length).toBe(attacks.length)
  expect(rows.length).toBeGreaterThan(30)
})

test.each(rows)('"%s" is a test of %s', (title, file) => {
  const source = readFileSync(new URL(file, guard), 'utf8')
  const titles = [...source.matchAll(/(?:\btest|\)|\bdescribe)\(\s*'((?:[^'\\]|\\.)+)',\s*(?:async )?\(/gu)]
  expect(titles.map(([, found]) => found)).toContain(title)
})
