import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
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
