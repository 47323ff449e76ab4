import { expect, test } from 'vitest'
import { programNameOf, quoteForShell } from './program-name.ts'

const started = { env: {}, node: 'node', script: '/clone/bin/mandate.mjs', folder: '/clone' }
const byNpm = { npm_lifecycle_event: 'start', npm_package_name: 'mandate' }

test.each([
  ['by npm in the clone', { ...started, env: byNpm }, 'npm run -s mandate --'],
  ['by a script of another package', { ...started, env: { ...byNpm, npm_package_name: 'x' } }, 'node bin/mandate.mjs'],
  ['by Node in the clone', started, 'node bin/mandate.mjs'],
  ['by Node elsewhere', { ...started, folder: '/home/ada' }, 'node ../../clone/bin/mandate.mjs'],
  ['by another Node', { ...started, node: 'node_modules/.bin/node' }, 'node_modules/.bin/node bin/mandate.mjs'],
  ['in a folder with a space', { ...started, script: '/clone/a b/mandate.mjs' }, "node 'a b/mandate.mjs'"],
  ['once it is installed', { ...started, script: '/usr/bin/mandate' }, 'mandate'],
])('started %s, a command is printed as it would work', (_how, how, name) => {
  expect(programNameOf(how)).toBe(name)
})

test('a quote in a word stays one word', () => {
  expect(quoteForShell("it's")).toBe("'it'\\''s'")
})
