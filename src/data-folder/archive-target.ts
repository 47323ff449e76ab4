import { link, lstat, open, realpath, rename, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { ArchiveError } from './archive.ts'
import { syncFolder } from './private-files.ts'
import { systemReasonOf } from './system-reason.ts'

/**
 * Checks the place of an archive before any work is done. Refuses a place within the data folder, however it is spelled,
 * where the archive could replace the database; an existing file, unless it may be replaced; and anything but a plain
 * file.
 */
export async function checkTarget(archive: string, dataFolder: string, mayReplace: boolean): Promise<void> {
  const folder = await realFolderOf(archive)
  if (await isWithin(folder, dataFolder)) {
    throw new ArchiveError(
      'target_in_data_folder',
      `${archive} lies in the data folder ${dataFolder}; write the archive to another folder.`,
    )
  }
  const found = await lstat(archive).catch(() => undefined)
  if (found === undefined) return
  if (!found.isFile()) throw new ArchiveError('target_unusable', `${archive} is there already, and is no plain file.`)
  if (!mayReplace) throw taken(archive)
}

/**
 * Creates a file for a part of the backup that only its owner can read. A place that cannot be written is found before
 * anything is read.
 */
export async function claim(path: string): Promise<void> {
  try {
    await (await open(path, 'wx', 0o600)).close()
  } catch (error) {
    throw new ArchiveError(
      'target_unusable',
      `No archive can be written to ${dirname(path)}: ${systemReasonOf(error)}.`,
      error,
    )
  }
}

/** Gives a complete archive its name, at once and durably. Refuses `target_exists` also where another process was faster. */
export async function putInPlace(unfinished: string, archive: string, mayReplace: boolean): Promise<void> {
  if (mayReplace) await rename(unfinished, archive)
  else await linkOrRename(unfinished, archive)
  await syncFolder(dirname(archive))
}

/** Creating a link never replaces a file. On a file system without links the place is checked before the rename. */
async function linkOrRename(unfinished: string, archive: string): Promise<void> {
  try {
    await link(unfinished, archive)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST' || (await lstat(archive).catch(() => undefined)) !== undefined) throw taken(archive)
    await rename(unfinished, archive)
  }
}

function taken(archive: string): ArchiveError {
  return new ArchiveError('target_exists', `${archive} is there already; --force replaces it.`)
}

async function realFolderOf(archive: string): Promise<string> {
  const folder = dirname(resolve(archive))
  try {
    return await realpath(folder)
  } catch (error) {
    throw new ArchiveError(
      'target_unusable',
      `No archive can be written to ${folder}: ${systemReasonOf(error)}.`,
      error,
    )
  }
}

/**
 * Compares folders by device and inode, so that a link, another case or another mount does not hide that they are the
 * same.
 */
async function isWithin(folder: string, outer: string): Promise<boolean> {
  const { dev, ino } = await stat(outer, { bigint: true })
  for (let at = folder; ; at = dirname(at)) {
    const found = await stat(at, { bigint: true })
    if (found.dev === dev && found.ino === ino) return true
    if (at === dirname(at)) return false
  }
}
