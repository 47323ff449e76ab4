import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { type Headers, pack } from 'tar-stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { restoreDataFolder } from './restore.ts'

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

test.each(hostile)('an archive with $name ($type) is refused and leaves nothing', async (header) => {
  const tar = pack()
  tar.entry(header, header.type === undefined ? 'bytes' : undefined)
  tar.finalize()
  const archive = join(folder, 'hostile.tar')
  await writeFile(archive, await buffer(tar))
  const attempt = restoreDataFolder({ archive, dataFolder: join(folder, 'data') })
  await expect(attempt).rejects.toMatchObject({ problem: 'archive_damaged' })
  expect(readdirSync(folder)).toEqual(['hostile.tar'])
})
