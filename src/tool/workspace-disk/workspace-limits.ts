import type { Limits } from '../../domain/limits.ts'
import { ToolError } from '../tool.ts'

/** The limits of a workspace. */
export interface WorkspaceLimits {
  readonly fileBytesMax: number
  readonly filesMax: number
  readonly totalBytesMax: number
  readonly pathCharsMax: number
}

/** The limits of a workspace out of the configured limits of the server. */
export function workspaceLimitsOf(
  limits: Pick<Limits, 'file_bytes_max' | 'files_max' | 'workspace_bytes_max' | 'path_chars_max'>,
): WorkspaceLimits {
  return {
    fileBytesMax: limits.file_bytes_max,
    filesMax: limits.files_max,
    totalBytesMax: limits.workspace_bytes_max,
    pathCharsMax: limits.path_chars_max,
  }
}

/** The error for a file above the limit. */
export function fileTooLarge(path: string, bytesMax: number): ToolError {
  return new ToolError(
    'file_too_large',
    `${quoted(path)} is larger than ${bytesMax} bytes, which is the most that is taken (file_bytes_max).`,
  )
}

/** The error for an invalid path. */
export function pathRefused(path: string, reason: string): ToolError {
  return new ToolError('path_refused', `The path ${quoted(path)} ${reason}.`)
}

/** The error for a file that does not exist. */
export function fileNotFound(path: string): ToolError {
  return new ToolError('file_not_found', `There is no file ${quoted(path)} in the workspace.`)
}

/** Throws `workspace_full`, naming the limit, where these files or bytes exceed it. */
export function requireRoom(limits: WorkspaceLimits, files: number, totalBytes: number): void {
  if (files > limits.filesMax) {
    throw new ToolError('workspace_full', `A workspace holds at most ${limits.filesMax} files (files_max).`)
  }
  if (totalBytes > limits.totalBytesMax) {
    throw new ToolError(
      'workspace_full',
      `A workspace holds at most ${limits.totalBytesMax} bytes in all its files (workspace_bytes_max).`,
    )
  }
}

function quoted(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path)
}
