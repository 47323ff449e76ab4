import { hash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { type Headers, pack } from 'tar-stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sqliteFile } from '../store/sqlite/database-file.ts'
import { restoreDataFolder } from './restore-data-folder.ts'

const oldArchive = fileURLToPath(new URL('../../test/fixtures/mandate-0.1.0/backup.tar.gz', import.meta.url))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mandate-restore-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

// An archive is a file from anywhere: whatever stands in it, nothing is written outside the new folder.
const hostile: Headers[] = [
  { name: '../escaped' },
  { name: '/tmp/escaped' },
  { name: 'blobs/../../escaped' },
  { name: 'keys/pepper' },
  { name: 'mandate.sqlite-wal' },
  { name: 'mandate.sqlite', type: 'symlink', linkname: '/etc/passwd' },
  { name: 'blobs', type: 'directory' },
]

test('an archive of 0.1.0 is refused by name and leaves nothing', async () => {
  const archive = join(folder, 'old.tar')
  await writeFile(archive, gunzipSync(await readFile(oldArchive)))
  const attempt = restoreDataFolder({ archive, dataFolder: join(folder, 'data'), databaseFile: sqliteFile })
  await expect(attempt).rejects.toMatchObject({ problem: 'old_release', message: expect.stringContaining('0.1.0') })
  expect(readdirSync(folder)).toEqual(['old.tar'])
})

test.each(hostile)('an archive with $name ($type) is refused and leaves nothing', async (header) => {
  const tar = pack()
  tar.entry(header, header.type === undefined ? 'bytes' : undefined)
  tar.finalize()
  const archive = join(folder, 'hostile.tar')
  await writeFile(archive, await buffer(tar))
  const attempt = restoreDataFolder({ archive, dataFolder: join(folder, 'data'), databaseFile: sqliteFile })
  await expect(attempt).rejects.toMatchObject({ problem: 'archive_damaged' })
  expect(readdirSync(folder)).toEqual(['hostile.tar'])
})

const asTar = async (entries: Readonly<Record<string, string | Uint8Array>>): Promise<string> => {
  const tar = pack()
  for (const [name, bytes] of Object.entries(entries)) tar.entry({ name }, Buffer.from(bytes))
  tar.finalize()
  const archive = join(folder, 'archive.tar')
  await writeFile(archive, await buffer(tar))
  return archive
}

const listed = (name: string, bytes: string | Uint8Array) => ({
  name,
  bytes: Buffer.byteLength(bytes),
  sha256: hash('sha256', bytes, 'hex'),
})

/** An archive whose manifest says what is in it, and whose content is something else than a backup's. */
const asBackup = (entries: Readonly<Record<string, string | Uint8Array>>, change: object = {}): Promise<string> => {
  const files = Object.entries(entries).map(([name, bytes]) => listed(name, bytes))
  const manifest = { format: 2, schema: 1, createdAt: '2026-01-01T00:00:00Z', files, ...change }
  return asTar({ ...entries, 'manifest.json': JSON.stringify(manifest) })
}

const restore = (archive: string, passphrase?: string) =>
  restoreDataFolder({
    archive,
    dataFolder: join(folder, 'data'),
    databaseFile: sqliteFile,
    ...(passphrase && { passphrase }),
  })

test.each<[string, () => Promise<string>, string?]>([
  ['whose database is noise', () => asBackup({ 'mandate.sqlite': 'noise '.repeat(2_000) })],
  ['whose database is empty', () => asBackup({ 'mandate.sqlite': '' })],
  ['whose manifest lists null', () => asBackup({ 'mandate.sqlite': '' }, { files: [null] })],
  ['whose manifest lists an object', () => asBackup({ 'mandate.sqlite': '' }, { files: {} })],
  ['whose schema is a text', () => asBackup({ 'mandate.sqlite': '' }, { schema: '1' })],
  ['without a schema', () => asBackup({ 'mandate.sqlite': '' }, { schema: undefined })],
  ['whose manifest is null', () => asTar({ 'manifest.json': 'null' })],
  ['whose manifest is a list', () => asTar({ 'manifest.json': '[]' })],
  ['whose manifest is cut', () => asTar({ 'manifest.json': '{"format": 2,' })],
  ['whose format is a text', () => asTar({ 'manifest.json': '{"format": "2"}' })],
  ['whose keys are noise', () => asBackup({ 'mandate.sqlite': '', 'keys.encrypted': 'noise' }), 'words'],
  ['whose keys are null', () => asBackup({ 'mandate.sqlite': '', 'keys.encrypted': 'null' }), 'words'],
  ...[
    { iv: '' },
    { tag: 'AA==' },
    { salt: 7 },
    { data: null },
    { N: 3 },
    { N: 2 ** 30 },
    { N: -1 },
    { r: 0.5 },
    { p: '1' },
    { kdf: 'none' },
  ].map((change): [string, () => Promise<string>, string] => {
    const sound = {
      kdf: 'scrypt',
      N: 2 ** 17,
      r: 8,
      p: 1,
      salt: 'AAAA',
      cipher: 'aes-256-gcm',
      iv: 'A'.repeat(16),
      tag: `${'A'.repeat(22)}==`,
      data: '',
    }
    const keys = JSON.stringify({ ...sound, ...change })
    return [
      `whose keys have ${JSON.stringify(change)}`,
      () => asBackup({ 'mandate.sqlite': '', 'keys.encrypted': keys }),
      'words',
    ]
  }),
])('an archive %s is called damaged and leaves nothing', async (_what, make, passphrase) => {
  const archive = await make()
  await expect(restore(archive, passphrase)).rejects.toMatchObject({ name: 'ArchiveError', problem: 'archive_damaged' })
  expect(readdirSync(folder)).toEqual(['archive.tar'])
})

test('of noise of any kind an archive is refused in a sentence, and nothing is left', async () => {
  const whole = await readFile(await asBackup({ 'mandate.sqlite': 'x'.repeat(3_000), 'keys.encrypted': '{}' }))
  const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(changes, fc.nat(whole.length), async (bytes, length) => {
      const changed = Buffer.from(whole)
      for (const [at, byte] of bytes) changed[at] = byte
      await writeFile(join(folder, 'archive.tar'), changed.subarray(0, length))
      await expect(restore(join(folder, 'archive.tar'))).rejects.toMatchObject({ name: 'ArchiveError' })
      expect(readdirSync(folder)).toEqual(['archive.tar'])
    }),
    { numRuns: 100 },
  )
})

test('an archive that is cut within any of its files is called damaged', async () => {
  const whole = await readFile(await asBackup({ 'mandate.sqlite': 'x'.repeat(3_000), 'keys.encrypted': '{}' }))
  for (const length of [511, 512, 513, 3_511, 3_512, 4_097]) {
    await writeFile(join(folder, 'archive.tar'), whole.subarray(0, length))
    await expect(restore(join(folder, 'archive.tar'))).rejects.toMatchObject({ problem: 'archive_damaged' })
    expect(readdirSync(folder)).toEqual(['archive.tar'])
  }
})

test('a place that nothing can be restored to is named, and the archive is not called damaged', async () => {
  const archive = await asBackup({ 'mandate.sqlite': '' })
  await writeFile(join(folder, 'file'), '')
  const attempt = restoreDataFolder({ archive, dataFolder: join(folder, 'file', 'data'), databaseFile: sqliteFile })
  await expect(attempt).rejects.toMatchObject({ problem: 'folder_unusable', message: expect.stringContaining('file') })
})
