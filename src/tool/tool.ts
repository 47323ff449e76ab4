import type { Clock } from '../clock/clock.ts'
import type { Capability } from '../domain/capability.ts'
import type { Digest } from '../domain/content.ts'
import type { Access } from '../domain/decision.ts'
import type { JsonObject, JsonValue } from '../domain/json.ts'

// What an implementation of Workspaces works with; it may import this root only.
export type { BlobStore, Manifest, ManifestFile } from '../blob/blob.ts'

/** One kind of action. What it declares is what the guard and the runner act on. */
export interface Tool {
  readonly name: string
  /** Written for the model. */
  readonly description: string
  /** JSON Schema, draft 2020-12, of an object; the input is checked against it before `perform`. */
  readonly inputSchema: JsonValue
  /** The capabilities that this call needs; all of them. */
  capabilitiesFor(input: JsonObject): readonly Capability[]
  /** Read-only or idempotent: after a crash in the middle it may simply be done again. */
  readonly safeToRepeat: boolean
  /** Taken from the task's budget for each call that began, whatever came of it. */
  readonly costMicrosUsd: number
  /** What a call does to the world outside the run. */
  readonly access: Access
  /** Where what a call is given can go to: `network`, `email`, …; none where it stays in the task. */
  readonly sinks: readonly string[]
  /** What a policy may want a person to approve (`send_external_communication`, …). */
  readonly approvalCategories: readonly string[]
  /** What of a call policies decide on: the host it reaches, the file it touches. Null where it has none. */
  facetsOf(input: JsonObject): { readonly host: string | null; readonly path: string | null }
  readonly timeoutMs: number
  /** Longer output is cut, and says so. */
  readonly outputBytesMax: number
  /** Labels that its results carry. */
  readonly labels: readonly string[]
  /** Throws ToolError for what the model should be told. Must stop soon after `context.signal` is aborted. */
  perform(input: JsonObject, context: ToolContext): Promise<ToolResult>
}

export interface ToolContext {
  /** Opened (and rebuilt from its manifest where needed) at the first use. */
  workspace(): Promise<Workspace>
  readonly signal: AbortSignal
  readonly clock: Clock
  progress(text: string): void
}

export interface ToolResult {
  readonly output: string
  /** The workspace's files changed, so that a new manifest is due. */
  readonly wrote: boolean
}

/** An action that failed in a way the model is told. */
export class ToolError extends Error {
  readonly code: string
  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'ToolError'
    this.code = code
  }
}

/**
 * A task's own folder. No path leaves it: not by `..`, an absolute path, a link, or a race. Calls on one task follow one
 * another. After the folder was rebuilt by a later `open`, every call throws ToolError `workspace_superseded`.
 */
export interface Workspace {
  /** Files only, relative, `/`-separated, sorted. */
  list(): Promise<{ path: string; bytes: number }[]>
  /** Throws ToolError `path_refused`, `file_not_found`, `file_too_large`. */
  read(path: string, bytesMax: number): Promise<Uint8Array>
  /** Creates folders as needed; replaces atomically. Throws ToolError `path_refused`, `file_too_large`, `workspace_full`. */
  write(path: string, bytes: Uint8Array): Promise<void>
  /**
   * Puts every file into the blob store and the manifest after them; what did not change is not put again. Links and empty
   * folders are not kept. Throws ToolError `workspace_full`, `file_too_large` when something else filled the folder.
   */
  snapshot(): Promise<Digest>
}

export interface Workspaces {
  /**
   * The task's workspace as its manifest says. A folder that this process does not know to be at exactly that state (after
   * a restart, and after writes that no snapshot followed) is rebuilt from the blob store, so that what a cut action
   * left behind does not survive. To be called between actions, never while one is writing.
   */
  open(taskId: string, manifest: Digest | null): Promise<Workspace>
  /**
   * Puts files that came with a message beside those of `manifest`, replacing those of the same path, and answers with the
   * new manifest's digest. Touches no folder. Throws ToolError `path_refused`, `file_too_large`, `workspace_full`.
   */
  addFiles(manifest: Digest | null, files: readonly { path: string; bytes: Uint8Array }[]): Promise<Digest>
  /**
   * Takes the task's folder away, with whatever is in it; nothing in the blob store. One that is not there is gone already.
   * Whoever holds the workspace is superseded.
   */
  remove(taskId: string): Promise<void>
}
