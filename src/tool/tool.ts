import type { Clock } from '../clock/clock.ts'
import type { Capability } from '../domain/capability.ts'
import type { Digest } from '../domain/content.ts'
import type { Access } from '../domain/decision.ts'
import type { JsonObject, JsonValue } from '../domain/json.ts'
import type { Question } from '../domain/prompt.ts'

// The types that an implementation of Workspaces works with. It imports only this root.
export type { BlobStore, Manifest, ManifestFile } from '../blob/blob.ts'

/** One kind of action. The guard and the runner act on its declarations. */
export interface Tool {
  readonly name: string
  /** The description for the model. */
  readonly description: string
  /** The JSON Schema (draft 2020-12) of its input, an object. The input is checked against it before `perform`. */
  readonly inputSchema: JsonValue
  /** The capabilities that this call needs. All of them must be granted. */
  capabilitiesFor(input: JsonObject): readonly Capability[]
  /** Every capability that some call may need. An agent without them has the tool in vain. */
  readonly capabilities: readonly Capability[]
  /** Whether it is read-only or idempotent, so that it may be done again after a crash in the middle. */
  readonly safeToRepeat: boolean
  /** The price that each call that began takes from the task's budget, whatever its outcome. */
  readonly costMicrosUsd: number
  /** The kind of access of a call to the world outside the run. */
  readonly access: Access
  /** The sinks that the arguments of a call can reach: `network`, `email`, …; none where they stay in the task. */
  readonly sinks: readonly string[]
  /** The categories by which a policy may require a person's approval (`send_external_communication`, …). */
  readonly approvalCategories: readonly string[]
  /** The properties of a call that policies decide on: the host it reaches, the file it touches, or null. */
  facetsOf(input: JsonObject): { readonly host: string | null; readonly path: string | null }
  readonly timeoutMs: number
  /** The bytes of its output. A longer one is truncated with a notice. */
  readonly outputBytesMax: number
  /** The labels of its results. */
  readonly labels: readonly string[]
  /**
   * Tells what is asked, for a tool that asks a person. Such a tool is never performed; the answer is its result. It is offered only
   * to runs whose task allows questions.
   */
  readonly ask?: ((input: JsonObject) => Question) | undefined
  /**
   * Performs the action. Throws ToolError for a failure that the model is given. It must stop soon after
   * `context.signal` is aborted.
   */
  perform(input: JsonObject, context: ToolContext): Promise<ToolResult>
}

/** The facilities that an action may use. */
export interface ToolContext {
  /** Opens the task's workspace at the first call, and rebuilds it from its manifest where needed. */
  workspace(): Promise<Workspace>
  readonly signal: AbortSignal
  readonly clock: Clock
  progress(text: string): void
}

/** The result of an action. */
export interface ToolResult {
  readonly output: string
  /** Whether the workspace's files changed, so that a new manifest is due. */
  readonly wrote: boolean
}

/** Thrown where an action failed and the model is given the reason. */
export class ToolError extends Error {
  readonly code: string
  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'ToolError'
    this.code = code
  }
}

/**
 * A task's own folder. No path leaves it: not by `..`, an absolute path, a link, or a race. Calls on one task follow
 * one another. After a later `open` rebuilt the folder, every call throws ToolError `workspace_superseded`.
 */
export interface Workspace {
  /** Lists files by their relative paths, separated by `/` and sorted. */
  list(): Promise<{ path: string; bytes: number }[]>
  /** Reads a file. Throws ToolError `path_refused`, `file_not_found`, `file_too_large`. */
  read(path: string, bytesMax: number): Promise<Uint8Array>
  /**
   * Writes a file atomically and creates its folders. Throws ToolError `path_refused`, `file_too_large`,
   * `workspace_full`.
   */
  write(path: string, bytes: Uint8Array): Promise<void>
  /**
   * Puts every changed file into the blob store, and the manifest after them. Links and empty folders are not kept.
   * Throws ToolError `workspace_full` or `file_too_large` where something else filled the folder.
   */
  snapshot(): Promise<Digest>
}

/** The workspaces of all tasks. */
export interface Workspaces {
  /**
   * Opens the task's workspace as its manifest describes it. A folder that this process does not know to be in exactly
   * that state (after a restart, or after writes without a snapshot) is rebuilt from the blob store, so that nothing of
   * an interrupted action survives. It is called between actions, never during one.
   */
  open(taskId: string, manifest: Digest | null): Promise<Workspace>
  /**
   * Adds the files of a message to those of `manifest`, replacing files of the same path, and resolves with the new
   * manifest's digest. It touches no folder. Throws ToolError `path_refused`, `file_too_large`, `workspace_full`.
   */
  addFiles(manifest: Digest | null, files: readonly { path: string; bytes: Uint8Array }[]): Promise<Digest>
  /**
   * Deletes the task's folder with everything in it, and nothing in the blob store. A folder that does not exist counts
   * as deleted. Every open workspace of the task is superseded.
   */
  remove(taskId: string): Promise<void>
}
