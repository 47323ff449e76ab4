import { expect, test } from 'vitest'
import { planOf, samplePackage } from '../../../test/support/audit/sample-package.ts'
import { packageDepthMax, parsePackage } from './parse-package.ts'

const { text } = await samplePackage(planOf())

const problemOf = (bytes: Uint8Array | string): string => {
  const parsed = parsePackage(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
  return 'problem' in parsed ? parsed.problem : ''
}

test('a package is read as it is', () => {
  expect(parsePackage(Buffer.from(text))).toEqual(JSON.parse(text))
})

const misreadings: readonly (readonly [
  title: string,
  change: (text: string) => string | Uint8Array,
  problem: string,
])[] = [
  ['a byte order mark', (t) => `\uFEFF${t}`, 'begins with a byte order mark'],
  [
    'a byte that is not UTF-8',
    (t) => Buffer.concat([Buffer.from(t.slice(0, 9)), Buffer.of(0xff)]),
    'byte 9 of the file',
  ],
  ['what is no JSON', (t) => t.slice(0, -1), 'the file is not JSON'],
  ['an empty file', () => '', 'the file is not JSON'],
  ['white space', (t) => `${t}\n`, 'is not in its canonical form'],
  [
    'a name that stands twice',
    (t) => t.replace('{"absent"', '{"absent":[],"absent"'),
    'character 15 of the file is not in its can',
  ],
  [
    'names in another order',
    (t) => t.replace(/("exported_at":\d+),("format":"[^"]+")/u, '$2,$1'),
    'is not in its canonical form',
  ],
  [
    'another form of a number',
    (t) => t.replace(/"exported_at":(\d+)/u, '"exported_at":$1.0'),
    'is not in its canonical form',
  ],
  [
    'an escape that need not be',
    (t) => t.replace('mandate-audit', 'mand\\u0061te-audit'),
    'is not in its canonical form',
  ],
  [
    'half of a surrogate pair',
    (t) => t.replace('mandate-audit', 'mandate\\ud800audit'),
    'is not in its canonical form',
  ],
  [
    'another format',
    (t) => t.replace('mandate-audit/1', 'mandate-audit/2'),
    'package.format is not one of mandate-audit/1',
  ],
  [
    'a field that is not known',
    (t) => t.replace('"format"', '"fan":1,"format"'),
    'package has the unknown field "fan"',
  ],
  ['a field that is missing', (t) => t.replace(/"exported_at":\d+,/u, ''), 'package lacks exported_at'],
  [
    'a fact that is not known',
    (t) => t.replace('"facts":{', '"facts":{"a":1,'),
    'package.events[0].facts has the unknown field "a"',
  ],
  ['a fact of another type', (t) => t.replace('"turn":1', '"turn":"1"'), 'package.events[2].facts.turn is not'],
  ['a fact below zero', (t) => t.replace('"priority":5', '"priority":-5'), 'package.events[2].facts.priority is not'],
  [
    'a kind of event that is not known',
    (t) => t.replace('"run.claimed"', '"run.claimen"'),
    'package.events[3].kind is not one of',
  ],
  ['what is no object', () => '[]', 'package is not an object'],
]

test.for(misreadings)('a package with %s is refused in words', ([, change, problem]) => {
  const changed = change(text)
  expect(changed).not.toEqual(text)
  expect(problemOf(changed)).toContain(problem)
})

test('a file that is too deep is refused before anything is made of it', () => {
  const deep = '['.repeat(packageDepthMax + 1)
  expect(problemOf(deep)).toBe(`character ${packageDepthMax} of the file stands deeper than 10000 lists and objects`)
  expect(problemOf(`${'['.repeat(packageDepthMax)}${']'.repeat(packageDepthMax)}`)).toBe('package is not an object')
  expect(problemOf(JSON.stringify('['.repeat(packageDepthMax + 1)))).toBe('package is not an object')
})
