import { readFile } from 'node:fs/promises'
import { basename, isAbsolute, posix, sep } from 'node:path'
import type { InputFileBody } from '../../../api/native/contract/task-requests.ts'
import { UsageError } from '../../usage-error.ts'

/**
 * Reads what `--file` names. A relative path below the current folder keeps its folders in the workspace; any other file
 * goes in under its own name. Two that would end up at the same path are refused.
 */
export async function readInputFiles(paths: readonly string[]): Promise<InputFileBody[]> {
  const files = await Promise.all(paths.map(readInputFile))
  const seen = new Map<string, string>()
  for (const [index, { path }] of files.entries()) {
    const other = seen.get(path)
    const given = paths[index] ?? path
    if (other !== undefined) {
      throw new UsageError(`--file ${other} and --file ${given} would both be ${path} in the workspace; rename one.`)
    }
    seen.set(path, given)
  }
  return files
}

async function readInputFile(given: string): Promise<InputFileBody> {
  try {
    const bytes = await readFile(given)
    return { path: workspacePath(given), ...bodyOf(bytes) }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') throw new UsageError(`--file ${given}: there is no such file.`)
    if (code === 'EISDIR') throw new UsageError(`--file ${given} is a folder; name its files one by one.`)
    throw error
  }
}

/** Where a file that was named like this goes in the workspace. */
export function workspacePath(given: string): string {
  const path = posix.normalize(given.split(sep).join('/'))
  return isAbsolute(given) || path.startsWith('../') ? basename(given) : path
}

function bodyOf(bytes: Buffer): Omit<InputFileBody, 'path'> {
  const content = bytes.toString('utf8')
  const isText = Buffer.from(content, 'utf8').equals(bytes)
  return isText ? { content } : { content_base64: bytes.toString('base64') }
}
