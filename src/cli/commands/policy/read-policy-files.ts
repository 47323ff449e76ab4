import { readFile } from 'node:fs/promises'
import type { PolicyTextsBody } from '../../../api/native/contract/policy.ts'
import { UsageError } from '../../usage-error.ts'

/** The two texts of a policy; unless it is named, the Cedar text is the file beside the document: `mine.json`, `mine.cedar`. */
export async function readPolicyFiles(document: string, cedar: string | undefined): Promise<PolicyTextsBody> {
  const beside = document.replace(/\.json$/iu, '.cedar')
  if (cedar === undefined && beside === document) {
    throw new UsageError(`${document} does not end in .json: give the file of its Cedar text by --cedar.`)
  }
  return { document: await read(document), cedar: await read(cedar ?? beside) }
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') throw new UsageError(`${path}: there is no such file.`)
    if (code === 'EISDIR') throw new UsageError(`${path} is a folder.`)
    throw error
  }
}
