import type { Digest } from '../../domain/content.ts'
import type { LimitName } from '../../domain/limits.ts'
import { Refusal } from '../../domain/refusal.ts'
import { ToolError } from '../../tool/tool.ts'
import type { EngineDeps } from '../engine-deps.ts'

/** A file that came with a message. */
export interface InputFile {
  readonly path: string
  readonly bytes: Uint8Array
}

const limitOf: Readonly<Record<string, LimitName>> = {
  workspace_full: 'workspace_bytes_max',
  file_too_large: 'file_bytes_max',
}

/**
 * Puts files that came with a message into the blob store, and answers with the manifest that holds them beside the ones
 * before. They are on disk before the commit that refers to them; where that never comes, the purger finds no manifest and
 * removes them. Refuses `invalid_input` for a path that would leave the workspace and `limit_exceeded` for too much.
 */
export async function addInputFiles(
  deps: Pick<EngineDeps, 'workspaces'>,
  manifest: Digest | null,
  files: readonly InputFile[],
): Promise<Digest> {
  try {
    return await deps.workspaces.addFiles(manifest, files)
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    const fields = [{ field: 'files', message: error.message }]
    const limit = limitOf[error.code]
    if (limit !== undefined) throw new Refusal('limit_exceeded', error.message, { fields, limit, cause: error })
    throw new Refusal('invalid_input', `The files cannot be taken: ${error.message}`, { fields, cause: error })
  }
}
