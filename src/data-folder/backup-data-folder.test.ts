import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sampleKey } from '../../test/support/sample-identities.ts'
import { sampleTask, submission } from '../../test/support/sample-tasks.ts'
import { createSqliteStore } from '../store/sqlite/create-sqlite-store.ts'
import { sqliteFile } from '../store/sqlite/database-file.ts'
import type { Store } from '../store/store.ts'
import type { ArchiveProblem } from './archive.ts'
import { type BackupOptions, backupDataFolder } from './backup-data-folder.ts'
import { type RestoreOptions, restoreDataFolder } from './restore-data-folder.ts'

let folder: string
let dataFolder: string
let archive: string
let target: string
let store: Store

const openStore = (data: string) => createSqliteStore({ path: join(data, 'mandate.sqlite'), commitsWaitingMax: 1_000 })
const backup = (options: Omit<BackupOptions, 'databaseFile'>) =>
  backupDataFolder({ ...options, databaseFile: sqliteFile })
const restore = (options: Omit<RestoreOptions, 'databaseFile'>) =>
  restoreDataFolder({ ...options, databaseFile: sqliteFile })
const apiKey = sampleKey()
const pepper = Buffer.from('0123456789abcdef0123456789abcdef')

function putBlob(text: string): string {
  const digest = createHash('sha256').update(text).digest('hex')
  const path = join(dataFolder, 'blobs', digest.slice(0, 2), digest.slice(2))
  mkdirSync(join(dataFolder, 'blobs', digest.slice(0, 2)), { recursive: true })
  writeFileSync(path, text)
  return path.slice(dataFolder.length + 1)
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mandate-backup-'))
  dataFolder = join(folder, 'data')
  archive = join(folder, 'archives', 'mandate.tar')
  target = join(folder, 'restored')
  mkdirSync(join(dataFolder, 'keys'), { recursive: true })
  mkdirSync(join(folder, 'archives'))
  writeFileSync(join(dataFolder, 'keys', 'pepper'), pepper)
  store = await openStore(dataFolder)
  await store.commit({ write: [{ kind: 'insert_key', key: apiKey }] })
})
afterEach(async () => {
  try {
    await store.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

/** That the promise is refused for this problem, and that nothing but what stood there before is left. */
async function expectRefused(
  attempt: Promise<unknown>,
  problem: ArchiveProblem,
  left: readonly string[],
): Promise<void> {
  await expect(attempt).rejects.toMatchObject({ name: 'ArchiveError', problem })
  expect(readdirSync(folder).sort()).toEqual([...left].sort())
}

describe('a backup', () => {
  test('of a server that goes on writing restores to what was acknowledged before it', async () => {
    const blob = putBlob('what a task wrote')
    const before = sampleTask()
    await store.commit(submission(before))
    const writing = Array.from({ length: 200 }, () => store.commit(submission(sampleTask())))
    const { bytes, files } = await backup({ dataFolder, archive })
    await Promise.all(writing)
    expect({ bytes, files }).toEqual({ bytes: statSync(archive).size, files: 2 })
    expect(readdirSync(join(folder, 'archives'))).toEqual(['mandate.tar'])

    await restore({ archive, dataFolder: target })
    expect(readdirSync(target).sort()).toEqual(['blobs', 'mandate.sqlite'])
    expect(readFileSync(join(target, blob), 'utf8')).toBe('what a task wrote')
    const restored = await openStore(target)
    try {
      expect(await restored.readTask(before.task.id)).toEqual(await store.readTask(before.task.id))
      expect(await restored.readEvents(before.task.id, 0, 10)).toHaveLength(3)
      expect(await restored.readSetting('new_log_wanted')).toBe('1')
      expect(await store.readSetting('new_log_wanted')).toBeUndefined()
      expect(await restored.readKeyByPrefix(apiKey.prefix)).toEqual(apiKey)
      expect(await restored.commit(submission(sampleTask()))).toMatchObject({ committed: true })
    } finally {
      await restored.close()
    }
  })

  test('holds the keys with a passphrase only, and then encrypted', async () => {
    await backup({ dataFolder, archive })
    expect(readFileSync(archive).includes(pepper)).toBe(false)
    await backup({ dataFolder, archive, passphrase: 'correct horse', force: true })
    const bytes = readFileSync(archive)
    expect(bytes.includes(pepper)).toBe(false)
    expect(bytes.includes(pepper.toString('base64'))).toBe(false)
    await restore({ archive, dataFolder: target, passphrase: 'correct horse' })
    expect(readdirSync(target).sort()).toEqual(['keys', 'mandate.sqlite'])
    expect(readFileSync(join(target, 'keys', 'pepper'))).toEqual(pepper)
    if (process.platform !== 'win32') expect(statSync(join(target, 'keys', 'pepper')).mode & 0o077).toBe(0)
  })

  test('leaves out what is only being put and what is no blob', async () => {
    mkdirSync(join(dataFolder, 'blobs', 'tmp'), { recursive: true })
    writeFileSync(join(dataFolder, 'blobs', 'tmp', 'half'), 'half')
    expect(await backup({ dataFolder, archive })).toMatchObject({ files: 1 })
  })

  test('of an empty folder is refused', async () => {
    mkdirSync(join(folder, 'empty'))
    const attempt = backup({ dataFolder: join(folder, 'empty'), archive })
    await expectRefused(attempt, 'nothing_to_back_up', ['archives', 'data', 'empty'])
    expect(readdirSync(join(folder, 'archives'))).toEqual([])
  })

  test('that fails leaves the archive that stood there, and no other', async () => {
    await backup({ dataFolder, archive })
    const before = readFileSync(archive)
    const blob = join(dataFolder, putBlob('damaged'))
    rmSync(blob)
    mkdirSync(blob) // cannot be read as a file
    await expect(backup({ dataFolder, archive, force: true })).rejects.toThrow()
    expect(readFileSync(archive)).toEqual(before)
    expect(readdirSync(join(folder, 'archives'))).toEqual(['mandate.tar'])
  })
})

describe('the place of a backup', () => {
  const names = () => readdirSync(join(folder, 'archives'))

  test('is never in the data folder, however that is spelled, and not with force either', async () => {
    const before = readFileSync(join(dataFolder, 'mandate.sqlite'))
    symlinkSync(dataFolder, join(folder, 'link'))
    mkdirSync(join(dataFolder, 'sub'))
    const inside = ['mandate.sqlite', 'new.tar', 'sub/new.tar', 'keys/pepper', '../data/new.tar']
    const spelled = [...inside.map((name) => join(dataFolder, name)), join(folder, 'link', 'mandate.sqlite')]
    for (const place of spelled) {
      const attempt = backup({ dataFolder, archive: place, force: true })
      await expectRefused(attempt, 'target_in_data_folder', ['archives', 'data', 'link'])
    }
    expect(readFileSync(join(dataFolder, 'mandate.sqlite'))).toEqual(before)
    expect(readdirSync(join(dataFolder, 'sub'))).toEqual([])
  })

  test('that is taken is left as it is without force, also where it was taken meanwhile', async () => {
    writeFileSync(archive, 'a letter')
    await expectRefused(backup({ dataFolder, archive }), 'target_exists', ['archives', 'data'])
    rmSync(archive)
    const copy: typeof sqliteFile.copy = async (from, to) => {
      writeFileSync(archive, 'a letter')
      return await sqliteFile.copy(from, to)
    }
    const attempt = backupDataFolder({ dataFolder, archive, databaseFile: { ...sqliteFile, copy } })
    await expectRefused(attempt, 'target_exists', ['archives', 'data'])
    expect(readFileSync(archive, 'utf8')).toBe('a letter')
    expect(names()).toEqual(['mandate.tar'])
    await backup({ dataFolder, archive, force: true })
    expect(statSync(archive).size).toBeGreaterThan(10_000)
    expect(names()).toEqual(['mandate.tar'])
  })

  test('that is no plain file, or cannot be written to, is refused before anything is read', async () => {
    mkdirSync(archive)
    symlinkSync(join(folder, 'elsewhere'), `${archive}.link`)
    const left = ['archives', 'data']
    for (const place of [archive, `${archive}.link`]) {
      await expectRefused(backup({ dataFolder, archive: place, force: true }), 'target_unusable', left)
    }
    await expectRefused(backup({ dataFolder, archive: join(folder, 'none', 'x.tar') }), 'target_unusable', left)
    await expectRefused(backup({ dataFolder, archive: join(archive, 'x'.repeat(300)) }), 'target_unusable', left)
    expect(names()).toEqual(['mandate.tar', 'mandate.tar.link'])
  })

  test('has files that only their owner can read from the first byte on', async () => {
    const modes = new Map<string, number>()
    const copy: typeof sqliteFile.copy = async (from, to) => {
      const schema = await sqliteFile.copy(from, to)
      for (const name of names()) modes.set(name, statSync(join(folder, 'archives', name)).mode & 0o077)
      return schema
    }
    await backupDataFolder({ dataFolder, archive, databaseFile: { ...sqliteFile, copy } })
    expect([...modes.values()]).toEqual([0, 0])
    expect(statSync(archive).mode & 0o077).toBe(0)
  })
})

describe('a restore', () => {
  const untouched = ['archives', 'data']

  beforeEach(async () => {
    putBlob('x'.repeat(100_000))
    await store.commit(submission(sampleTask()))
    await backup({ dataFolder, archive, passphrase: 'right' })
  })

  test('into an empty folder is done, into any other it is refused', async () => {
    mkdirSync(target)
    await restore({ archive, dataFolder: target, passphrase: 'right' })
    const attempt = restore({ archive, dataFolder: target, passphrase: 'right' })
    await expectRefused(attempt, 'folder_not_empty', [...untouched, 'restored'])
  })

  test('with a wrong passphrase, or without the one it needs, is refused', async () => {
    await expectRefused(restore({ archive, dataFolder: target, passphrase: 'wrong' }), 'passphrase_wrong', untouched)
    await expectRefused(restore({ archive, dataFolder: target }), 'passphrase_missing', untouched)
    await backup({ dataFolder, archive, force: true })
    await expectRefused(restore({ archive, dataFolder: target, passphrase: 'x' }), 'archive_without_keys', untouched)
  })

  test('of an archive that was cut anywhere is refused', async () => {
    const whole = readFileSync(archive)
    for (const part of [0, 0.1, 0.5, 0.9, 0.97]) {
      writeFileSync(archive, whole.subarray(0, Math.floor(whole.length * part)))
      await expectRefused(restore({ archive, dataFolder: target, passphrase: 'right' }), 'archive_damaged', untouched)
    }
  })

  test('of an archive with one changed byte in its database or a blob is refused', async () => {
    const whole = readFileSync(archive)
    for (const at of [whole.indexOf('SQLite format 3') + 2_000, whole.indexOf('xxxxxxxx') + 500]) {
      const changed = Buffer.from(whole)
      changed[at] = (changed[at] ?? 0) ^ 1
      writeFileSync(archive, changed)
      await expectRefused(restore({ archive, dataFolder: target, passphrase: 'right' }), 'archive_damaged', untouched)
    }
  })

  test('of what is no archive, or is not there, is refused', async () => {
    await expectRefused(restore({ archive: `${archive}.absent`, dataFolder: target }), 'archive_unreadable', untouched)
    writeFileSync(archive, 'this is a letter, not an archive. '.repeat(100))
    await expectRefused(restore({ archive, dataFolder: target }), 'archive_damaged', untouched)
  })

  test('of an archive of a newer version is refused', async () => {
    const other = new DatabaseSync(join(dataFolder, 'mandate.sqlite'), { timeout: 5_000 })
    other.exec("INSERT INTO migrations (number, name, checksum) VALUES (9999, '9999-later.sql', 'x')")
    other.close()
    await backup({ dataFolder, archive, force: true })
    await expectRefused(restore({ archive, dataFolder: target }), 'newer_schema', untouched)
    expect(existsSync(target)).toBe(false)
  })
})
