import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder and those above it that are absent; only its owner can enter what `mode` 0o700 makes. Node's own recursive
 * way turns for ever where the system answers "no such file" below a folder that is there (/proc).
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  const absent: string[] = []
  for (let at = path; !(await isFolder(at)); at = dirname(at)) absent.unshift(at)
  for (const folder of absent) await makeOne(folder, mode)
}

async function makeOne(folder: string, mode: number | undefined): Promise<void> {
  try {
    await mkdir(folder, { mode })
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    if (!(exists && (await isFolder(folder)))) throw error // somebody else may have made it just now
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return dirname(path) === path // the root is there, whatever may be known of it
  }
}
