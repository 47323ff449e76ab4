import { expect, test } from 'vitest'
import { addressHint, greetingOf } from './announce.ts'
import { readConfig } from './read-config.ts'

const address = 'http://127.0.0.1:7070'

test.each(['0.0.0.0', '::', '0', '0:0:0:0:0:0:0:0'])(
  'who listens on %s is told that addresses need a public URL',
  (host) => {
    const hint = addressHint({ host, publicUrl: undefined }, address)
    expect(hint).toContain(address)
    expect(hint).toContain('MANDATE_PUBLIC_URL')
  },
)

test.each(['127.0.0.1', 'localhost', '::1', '192.168.1.5', 'tasks.example'])('who listens on %s is not', (host) => {
  expect(addressHint({ host, publicUrl: undefined }, address)).toBeUndefined()
})

test('nor is who has said how the server is reached', () => {
  expect(addressHint({ host: '0.0.0.0', publicUrl: 'https://tasks.example' }, address)).toBeUndefined()
})

const config = readConfig({ MANDATE_DATA: 'some/data' })
const program = 'npm run -s mandate --'
const firstStart = (adminKey: string | undefined, isTerminal: boolean, data = config) =>
  greetingOf({ config: data, address, first: { adminKey }, unfinished: 0 }, program, isTerminal)

test('the first start shows the admin key to a person only, and says to everybody where it is kept', () => {
  const shown = firstStart('mdt_secret', true).join('\n')
  expect(shown).toContain('admin key    mdt_secret, kept in some/data/keys/local-admin-key')
  const piped = firstStart('mdt_secret', false).join('\n')
  expect(piped).not.toContain('mdt_secret')
  expect(piped).toContain('admin key    in some/data/keys/local-admin-key')
  for (const text of [shown, piped]) {
    expect(text).toContain('Bearer $(cat some/data/keys/local-admin-key)"')
    expect(text).toContain('\n  npm run -s mandate -- run "write hello world')
    expect(text).toMatch(/\nlistening on http:\/\/127\.0\.0\.1:7070$/u)
  }
})

test('the path of the key is one word of the command that is printed', () => {
  const lines = firstStart('mdt_secret', false, { ...config, dataFolder: `${process.cwd()}/my data` })
  expect(lines.join('\n')).toContain("Bearer $(cat 'my data/keys/local-admin-key')\"")
})

test('a key of the operator’s own is shown nowhere', () => {
  const lines = firstStart(undefined, true).join('\n')
  expect(lines).toContain('the one in MANDATE_ADMIN_KEY')
  expect(lines).toContain('Bearer $MANDATE_ADMIN_KEY"')
  expect(lines).not.toContain('local-admin-key')
})

test.each([
  [0, undefined],
  [1, '1 unfinished run is taken up again.'],
  [1_000, '1000 unfinished runs are taken up again.'],
  [1_001, 'More than 1000 unfinished runs are taken up again.'],
])('a later start with %i unfinished runs says so', (unfinished, line) => {
  const lines = greetingOf({ config, address, first: undefined, unfinished }, program, true)
  expect(lines).toEqual([
    `Mandate goes on with the data in ${config.dataFolder}.`,
    ...(line === undefined ? [] : [line]),
    `listening on ${address}`,
  ])
})
