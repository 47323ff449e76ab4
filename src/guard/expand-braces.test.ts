import { expect, test } from 'vitest'
import { expandBraces } from './expand-braces.ts'

test.each<[string, string[]]>([
  ['', ['']],
  ['a', ['a']],
  ['{a,b}', ['a', 'b']],
  ['x{a,b}y', ['xay', 'xby']],
  ['{,a}', ['', 'a']],
  ['{a,b}{c,d}', ['ac', 'ad', 'bc', 'bd']],
  ['{a,b{c,d}e}', ['a', 'bce', 'bde']],
  ['{a}', ['{a}']],
  ['{a{b,c}}', ['{ab}', '{ac}']],
  ['{}', ['{}']],
  ['{a,b', ['{a,b']],
  ['a,b}', ['a,b}']],
  ['{1..3}', ['1', '2', '3']],
  ['x{1..2}y', ['x1y', 'x2y']],
  ['{3..1}', ['3', '2', '1']],
  ['{2..2}', ['2']],
  ['{-1..1}', ['-1', '0', '1']],
  ['{-1..-2}', ['-1', '-2']],
  ['{08..10}', ['08', '09', '10']],
  ['{8..010}', ['008', '009', '010']],
  ['{-01..1}', ['-01', '00', '01']],
  ['{1..-01}', ['01', '00', '-01']],
  ['{98..100}', ['98', '99', '100']],
  ['{9..100..}', ['{9..100..}']],
  ['{a..c}', ['a', 'b', 'c']],
  ['{c..a}', ['c', 'b', 'a']],
  ['{C..D}', ['C', 'D']],
  ['{a..1}', ['{a..1}']],
  ['{a..bc}', ['{a..bc}']],
  ['{1..2,x}', ['1..2', 'x']],
])('%s is expanded to %j', (source, patterns) => {
  expect(expandBraces(source, 8_000)).toEqual({ patterns })
})

test('an expansion may have exactly as many characters as allowed, one more counted for each alternative', () => {
  expect(expandBraces('{a,bc}', 5)).toEqual({ patterns: ['a', 'bc'] })
  expect(expandBraces('{a,bc}', 4)).toEqual({ isTooLong: true })
})
