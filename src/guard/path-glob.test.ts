import { matchesGlob } from 'node:path/posix'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expandBraces } from './expand-braces.ts'
import { parsePathGlob } from './path-glob.ts'

const charsMax = 8_000
const matches = (glob: string, path: string) => {
  const { glob: parsed, problem } = parsePathGlob(glob, charsMax)
  if (parsed === undefined) throw new Error(problem)
  return parsed.matches(path)
}

test.each([
  ['hr/*', 'hr/staff.csv', 'hr/a/staff.csv'],
  ['hr/*', 'hr/.hidden', 'hr'],
  ['hr/**', 'hr/a/b/c', 'hr'],
  ['hr/', 'hr/a/b', 'hr'],
  ['**', 'a/.b/c', ''],
  ['**/*.csv', 'x.csv', 'x.csvs'],
  ['**/*.csv', 'a/b/.csv', 'a/b/csv'],
  ['a/**/b', 'a/b', 'a/c'],
  ['a/**/b', 'a/x/.y/b', 'b'],
  ['a**b', 'axxb', 'a/b'],
  ['?.txt', '😀.txt', 'ab.txt'],
  ['[a-c]x', 'bx', 'dx'],
  ['[!a-c]x', 'dx', 'bx'],
  ['[]a]', ']', 'b'],
  ['[a-]', '-', 'b'],
  ['[a', '[a', 'a'],
  ['*.{csv,tsv}', 'a.tsv', 'a.txt'],
  ['{a,b{1..3}}/x', 'b2/x', 'b4/x'],
  ['{01..10}', '07', '7'],
  ['{c..a}', 'b', 'd'],
  ['{a}', '{a}', 'a'],
  ['{{a}}', '{{a}}', 'a'],
  ['{a,b', '{a,b', 'a'],
  ['a}b', 'a}b', 'ab'],
  ['käse/*', 'ka\u0308se/x', 'kase/x'],
  ['./hr//*', 'hr/x', 'x'],
  ['/hr/*', 'hr/x', 'x'],
  ['hr/*', 'hr/../hr/./x', 'hr/../x'],
  ['(a+b)', '(a+b)', 'ab'],
  ['[^a-c]x', 'dx', 'bx'],
  ['x[^a]', 'xb', 'xa'],
  ['[a]', 'a', ']'],
  ['[abd]', 'b', 'c'],
  ['[a-c]', 'b', '-'],
  ['[b-d]', 'b', 'a'],
  ['[b-d]', 'd', 'e'],
  ['../x', '../x', 'x'],
  ['x', 'a/../x', '../x'],
  ['../x', '../a/../x', '../../x'],
  ['../../x', '../../x', 'x'],
  ['**/x', '../x', '../y'],
  ['a/**/', 'a/b/c', 'a'],
  ['a/**/b', 'a/x/b', 'a'],
  ['a***b', 'axb', 'ax'],
  ['hr/**/**', 'hr/a', 'hr'],
  ['**/**', 'a', ''],
])('%s names %s and not %s', (glob, named, other) => {
  expect(matches(glob, named)).toBe(true)
  expect(matches(glob, other)).toBe(false)
})

test.each([
  ['a\\*', 'backslash'],
  ['!(a)', 'groups'],
  ['a+(b)', 'groups'],
  ['[[:alpha:]]', 'classes'],
  ['{1..9..2}', 'steps'],
  ['{10..90..20}', 'steps'],
  ['x{a..e..2}y', 'steps'],
])('%s is refused, since it would be matched in another way elsewhere', (glob, problem) => {
  expect(parsePathGlob(glob, charsMax).problem).toContain(problem)
})

test('what is named is what the globs of Node name, but for names that begin with a dot', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 3 })
  const part = fc.oneof(
    name,
    fc.constantFrom('*', '**', '?', '[ab]', '[!a]', '{a,b}', '{a,b}*', '*{,b}', 'a*', '*b', '{a,{b,c}}'),
  )
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'))
  const glob = fc
    .array(
      fc.array(part, { minLength: 1, maxLength: 2 }).map((parts) => parts.join('')),
      { minLength: 1, maxLength: 4 },
    )
    .map((names) => names.join('/'))
    // Three asterisks in a row are nobody's pattern.
    .filter((source) => !source.includes('***'))
  fc.assert(
    fc.property(glob, path, (source, given) => {
      expect(matches(source, given)).toBe(matchesGlob(given, source))
    }),
    { numRuns: 2_000 },
  )
})

test('the characters of a glob are those of its alternatives, with one more for each', () => {
  expect(parsePathGlob('{a,bc}', charsMax).glob?.chars).toBe(2 + 3)
  expect(parsePathGlob('x{a,bc}', 3 + 4).glob?.chars).toBe(3 + 4)
  expect(parsePathGlob('x{a,bc}', 3 + 3).isTooLong).toBe(true)
})

describe('the work is bounded', () => {
  // Two to the power of each of these would be ways to share out the path.
  test.each([
    ['*a'.repeat(200), 'a'.repeat(512)],
    ['*a'.repeat(255), `${'a'.repeat(511)}b`],
    [`${'**/'.repeat(100)}b`, 'a/'.repeat(255).concat('a')],
    [`${'*a*b/**/'.repeat(40)}c`, 'ab/'.repeat(170).concat('ab')],
    [`${'?*'.repeat(250)}b`, 'a'.repeat(512)],
    [`${'[a-z]*'.repeat(80)}1`, 'a'.repeat(512)],
  ])('%.20s… does not name a path that is made for it', (glob, path) => {
    expect(matches(`${glob}c`, path)).toBe(false)
    expect(matches(glob, `${path}c`)).toBe(false)
  })

  test.each([
    '{a,b}'.repeat(18),
    '{0..9999999}',
    '{,}'.repeat(40),
    '{a,{b,{c,d}}}'.repeat(12),
    '{-999999999999999..9}',
  ])('%.30s is refused before its alternatives are written out', (glob) => {
    expect(parsePathGlob(glob, charsMax)).toMatchObject({ isTooLong: true, problem: expect.stringContaining('long') })
  })

  test.each([
    '{'.repeat(500),
    '{'.repeat(250) + '}'.repeat(250),
    '{a,'.repeat(160),
    `${'{'.repeat(99)}a,b${'}'.repeat(99)}`,
  ])('the braces of %.10s… are read once', (glob) => {
    const expanded = expandBraces(glob, charsMax)
    expect(expanded.isTooLong).not.toBe(true)
  })
})
