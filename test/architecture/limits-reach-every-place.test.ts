import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { limitDefaults } from '../../src/domain/limits.ts'

const root = fileURLToPath(new URL('../../src/', import.meta.url))
const sources = globSync('**/*.ts', { cwd: root })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => !/\.(?:test|conformance)\.ts$/u.test(path))
  .map((path) => ({ path, text: readFileSync(`${root}${path}`, 'utf8') }))
const names = Object.keys(limitDefaults)

/** Only what reads the configuration may know a default: a place that takes one does not see what the operator set. */
const readers: ReadonlySet<string> = new Set(['domain/limits.ts', 'main/read-config.ts', 'main/settings.ts'])

test('no place takes the default of a limit instead of what is configured', () => {
  const takers = sources.filter(({ path, text }) => !readers.has(path) && text.includes('limitDefaults'))
  expect(takers.map(({ path }) => path)).toEqual([])
})

/** Numbers that only share the name of a limit, by the file that has them. */
const namesakes: Readonly<Record<string, string>> = {
  'store/recent/remember-recent.ts': 'the policies that are kept in memory',
  'cli/commands/webhook/receive-webhooks.ts': 'the body that "mandate listen" reads',
  'api/edge/take-liberally.ts': 'the length of a name in the header of ignored fields',
  'api/connection/client-address.ts': 'the length of an address in a forwarding header',
}

test('no place has a limit of the same name as a number of its own', () => {
  const camel = names.map((name) => name.replaceAll(/_(\w)/gu, (_, letter: string) => letter.toUpperCase()))
  const own = new RegExp(`\\b(?:${[...names, ...camel].join('|')})\\b\\s*(?::\\s*number\\s*)?[=:]\\s*[0-9]`, 'u')
  const found = sources.filter(({ path, text }) => path !== 'domain/limits.ts' && own.test(text))
  expect(found.map(({ path }) => path).toSorted()).toEqual(Object.keys(namesakes).toSorted())
})

test.each(names)('%s is read by what it limits', (name) => {
  const reads = new RegExp(
    `\\blimits\\.${name}\\b|['"]${name}['"]|\\b${name}\\b\\s*[,}]|\\bconfig\\.limits\\.${name}\\b`,
    'u',
  )
  const readBy = sources.filter(({ path, text }) => !readers.has(path) && reads.test(text))
  expect(readBy.map(({ path }) => path)).not.toEqual([])
})
