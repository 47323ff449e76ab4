import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { refusalOfStart, startServer, temporaryFolder } from '../support/start-server.ts'

// Every state that a disk, a full one included, or a careless hand can leave a data folder in ends a start with its exit
// code and one sentence: no stack trace, no process that stays, whatever was open by then.

const folder = temporaryFolder()
const sound = join(folder.path, 'sound')
const other = join(folder.path, 'other')

beforeAll(async () => {
  for (const data of [sound, other]) await (await startServer(data, { MANDATE_ADMIN_KEY: '' })).stop()
})
afterAll(folder.remove)

/** A copy of the data folder of a server that was stopped. */
function copyOfSound(name: string): string {
  const path = join(folder.path, name.replaceAll(/\W+/gu, '-'))
  cpSync(sound, path, { recursive: true })
  for (const private_ of [path, join(path, 'keys')]) chmodSync(private_, 0o700)
  return path
}

const inPlaceOf = (path: string, make: (path: string) => void) => {
  rmSync(path, { recursive: true, force: true })
  make(path)
}
const aFile = (path: string) => writeFileSync(path, '')
const aFolder = (path: string) => mkdirSync(path)
const aLinkToNothing = (path: string) => symlinkSync('/nowhere/at/all', path)
const aPipe = (path: string) => execFileSync('mkfifo', [path])

function database(data: string, sql: string): void {
  using opened = new DatabaseSync(join(data, 'mandate.sqlite'))
  opened.exec(sql)
}

interface State {
  readonly spoil: (data: string) => void
  readonly said: RegExp
}

const states: Readonly<Record<string, State>> = {
  'an empty pepper': {
    spoil: (data) => truncateSync(join(data, 'keys/pepper'), 0),
    said: /pepper is damaged: it has 0 bytes and not 32/u,
  },
  'half a pepper': {
    spoil: (data) => truncateSync(join(data, 'keys/pepper'), 16),
    said: /pepper is damaged: it has 16 bytes and not 32/u,
  },
  'a folder for a pepper': {
    spoil: (data) => inPlaceOf(join(data, 'keys/pepper'), aFolder),
    said: /pepper cannot be used: it is not a file/u,
  },
  'a pipe for a pepper': {
    spoil: (data) => inPlaceOf(join(data, 'keys/pepper'), aPipe),
    said: /pepper cannot be used: it is not a file/u,
  },
  'a pepper that is much too long': {
    spoil: (data) => truncateSync(join(data, 'keys/pepper'), 2 ** 31),
    said: /pepper cannot be used: it is longer than/u,
  },
  'a file for the folder of the keys': {
    spoil: (data) => inPlaceOf(join(data, 'keys'), aFile),
    said: /folder .*keys cannot be used/u,
  },
  'no keys': {
    spoil: (data) => rmSync(join(data, 'keys'), { recursive: true }),
    said: /keys\/pepper is missing, .* back up \S+ and restore it/u,
  },
  'no pepper': {
    spoil: (data) => rmSync(join(data, 'keys/pepper')),
    said: /keys\/pepper is missing/u,
  },
  'no signing keys': {
    spoil: (data) => rmSync(join(data, 'keys/signing-keys.json')),
    said: /keys\/signing-keys\.json is missing/u,
  },
  'no database': {
    spoil: (data) => rmSync(join(data, 'mandate.sqlite')),
    said: /the database in \S+ is missing or empty, although there was one/u,
  },
  'an empty database': {
    spoil: (data) => truncateSync(join(data, 'mandate.sqlite'), 0),
    said: /the database in \S+ is missing or empty, although there was one/u,
  },
  'a database that never saw a first start': {
    spoil: (data) => database(data, 'DELETE FROM settings'),
    said: /the database in \S+ is missing or empty, although there was one/u,
  },
  'the database of another installation': {
    spoil: (data) => cpSync(join(other, 'mandate.sqlite'), join(data, 'mandate.sqlite')),
    said: /is not the one that the keys beside it belong to/u,
  },
  'the keys of another installation': {
    spoil: (data) => cpSync(join(other, 'keys'), join(data, 'keys'), { recursive: true }),
    said: /is not the one that the keys beside it belong to/u,
  },
  'an id of the installation that is a folder': {
    spoil: (data) => inPlaceOf(join(data, 'keys/installation'), aFolder),
    said: /installation cannot be used: it is not a file/u,
  },
  'empty signing keys': {
    spoil: (data) => truncateSync(join(data, 'keys/signing-keys.json'), 0),
    said: /signing-keys\.json cannot be used: it is not JSON/u,
  },
  'signing keys of another shape': {
    spoil: (data) => writeFileSync(join(data, 'keys/signing-keys.json'), '{"version":1}'),
    said: /signing-keys\.json cannot be used: it lacks/u,
  },
  'signing keys that lead nowhere': {
    spoil: (data) => inPlaceOf(join(data, 'keys/signing-keys.json'), aLinkToNothing),
    said: /signing-keys\.json/u,
  },
  'a folder for a database': {
    spoil: (data) => inPlaceOf(join(data, 'mandate.sqlite'), aFolder),
    said: /the database cannot be opened/u,
  },
  'noise for a database': {
    spoil: (data) => writeFileSync(join(data, 'mandate.sqlite'), 'noise '.repeat(2_000)),
    said: /the database is damaged or is none\. Restore a backup/u,
  },
  'a database that was cut short': {
    spoil: (data) => truncateSync(join(data, 'mandate.sqlite'), 8_192),
    said: /the database is damaged\. Restore a backup/u,
  },
  'a database with its pages gone': {
    spoil(data) {
      const path = join(data, 'mandate.sqlite')
      const { size } = statSync(path)
      truncateSync(path, 4_096)
      truncateSync(path, size)
    },
    said: /the database is damaged\. Restore a backup/u,
  },
  'the database of another program': {
    spoil(data) {
      rmSync(join(data, 'mandate.sqlite'))
      database(data, 'CREATE TABLE tasks (a)')
    },
    said: /The database has tables of another program/u,
  },
  'a database without one of its tables': {
    spoil: (data) => database(data, 'DROP TABLE runs'),
    said: /no such table: runs/u,
  },
  'a database that holds something else than it should': {
    spoil: (data) => database(data, "UPDATE settings SET value = 'nonsense' WHERE name = 'public_keys'"),
    said: /what it holds cannot be read .*Restore a backup/u,
  },
  'a folder for a write-ahead log': {
    spoil: (data) => inPlaceOf(join(data, 'mandate.sqlite-wal'), aFolder),
    said: /the database cannot be opened/u,
  },
  'a folder for a lock': {
    spoil: (data) => inPlaceOf(join(data, 'lock.sqlite'), aFolder),
    said: /cannot be opened/u,
  },
  'noise for a lock': {
    spoil: (data) => writeFileSync(join(data, 'lock.sqlite'), 'noise '.repeat(2_000)),
    said: /lock\.sqlite is damaged\. It holds no data: delete it/u,
  },
  'a file for the folder of the blobs': {
    spoil: (data) => inPlaceOf(join(data, 'blobs'), aFile),
    said: /blobs/u,
  },
  'a file for the folder of the workspaces': {
    spoil: (data) => inPlaceOf(join(data, 'workspaces'), aFile),
    said: /workspaces/u,
  },
}

test.each(Object.entries(states))('%s ends the start with 73 and one sentence', async (name, { spoil, said }) => {
  const data = copyOfSound(name)
  spoil(data)
  await expectRefused(data, said)
})

/** Of util-linux: the kernel fails each write that would make a file longer, as a full disk does. */
const limiter = 'prlimit'
const canLimit = spawnSync(limiter, ['--version']).status === 0

test.skipIf(!canLimit).each([0, 31, 4_096, 60_000])(
  'a disk that is full after %i bytes ends the first start with 73 and one sentence',
  async (bytes) => {
    const data = join(folder.path, `full-${bytes}`)
    await expectRefused(data, /disk/u, [limiter, `--fsize=${bytes}`])
    // With room again the same folder starts: what the full disk left behind is in nobody's way.
    const server = await startServer(data)
    expect(await server.stop()).toBe(0)
  },
)

test.skipIf(!canLimit)('a disk that is full ends a later start with 73 and one sentence', async () => {
  await expectRefused(copyOfSound('full'), /disk/u, [limiter, '--fsize=1000'])
})

test('what was refused for a loss is left as it was, so that putting back what was lost is enough', async () => {
  const data = copyOfSound('lost')
  for (const [name, gone] of [
    ['keys', 'keys'],
    ['mandate.sqlite', 'mandate.sqlite'],
  ] as const) {
    renameSync(join(data, name), join(folder.path, gone))
    await expectRefused(data, /missing/u)
    expect(existsSync(join(data, name))).toBe(false)
    renameSync(join(folder.path, gone), join(data, name))
  }
  const server = await startServer(data, { MANDATE_ADMIN_KEY: '' })
  expect(await server.stop()).toBe(0)
})

async function expectRefused(data: string, said: RegExp, under: readonly string[] = []): Promise<void> {
  const refused = await refusalOfStart(data, { MANDATE_ADMIN_KEY: '' }, { under })
  expect(refused.said).toMatch(/^Mandate cannot start: [^\n]+\n$/u)
  expect(refused.said).toMatch(said)
  expect(refused.said).not.toContain('defect')
  expect(refused.exitCode).toBe(73)
}
