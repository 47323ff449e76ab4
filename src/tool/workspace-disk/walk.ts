import { opendir, readdir, rmdir, unlink } from 'node:fs/promises'
import { checkPath } from '../check-path.ts'
import { ToolError } from '../tool.ts'
import { type Folder, isCode, NotAFolder } from './folder.ts'
import type { WorkspaceLimits } from './workspace-limits.ts'

/** A file of a workspace. */
export interface FoundFile {
  readonly path: string
  readonly folder: Folder
  readonly name: string
}

/**
 * Visits each file under a folder, in no particular order. It skips links, devices and names that are invalid in a
 * workspace. Throws `workspace_full` past ten entries per allowed file, so that a folder which something else filled
 * does not hold the server up.
 */
export async function walkFiles(
  root: Folder,
  limits: WorkspaceLimits,
  visit: (file: FoundFile) => Promise<void>,
): Promise<void> {
  let entriesLeft = limits.filesMax * 10
  const walk = async (folder: Folder, prefix: string): Promise<void> => {
    for await (const entry of await opendir(folder.path)) {
      entriesLeft -= 1
      if (entriesLeft < 0) throw new ToolError('workspace_full', 'The workspace holds too many entries (files_max).')
      const path = prefix + entry.name
      // A file that was written under a greater limit stays a file of the workspace.
      if (checkPath(path, Number.POSITIVE_INFINITY) !== undefined) continue
      if (entry.isFile()) await visit({ path, folder, name: entry.name })
      else if (entry.isDirectory()) await inChild(folder, entry.name, (child) => walk(child, `${path}/`))
    }
  }
  await walk(root, '')
}

/** Removes everything in a folder without following a link. */
export async function emptyFolder(folder: Folder): Promise<void> {
  for (const entry of await readdir(folder.path, { withFileTypes: true })) {
    await folder.confirm()
    if (entry.isDirectory()) {
      await inChild(folder, entry.name, emptyFolder)
      await rmdir(folder.at(entry.name)).catch(ifGone)
    } else {
      await unlink(folder.at(entry.name)).catch(ifGone)
    }
  }
}

/** Opens a child folder. One that vanished or was replaced since the folder was read is skipped. */
async function inChild(folder: Folder, name: string, body: (child: Folder) => Promise<void>): Promise<void> {
  const child = await folder.child(name).catch((error: unknown) => {
    if (error instanceof NotAFolder || isCode(error, 'ENOENT')) return undefined
    throw error
  })
  if (child === undefined) return
  try {
    await body(child)
  } finally {
    await child.close()
  }
}

function ifGone(error: unknown): void {
  if (!isCode(error, 'ENOENT')) throw error
}
