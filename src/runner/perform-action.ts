import type { JsonObject } from '../domain/json.ts'
import { type Tool, type ToolContext, ToolError, type Workspace } from '../tool/tool.ts'
import type { Attempt } from './attempt.ts'
import { retryWhileStoreUnavailable } from './retry-while-store-unavailable.ts'

/** The result of an action: the text for the model, and the facts for the journal. */
export interface Performed {
  readonly failed: boolean
  readonly output: string
  readonly truncated: boolean
  /** The digest of the workspace's new manifest, where the tool wrote files. */
  readonly manifest: string | undefined
  readonly durationMs: number
}

/**
 * Executes one allowed action inside the tool's own limits of time and output. An error of the tool becomes a text for the
 * model. Throws only when the attempt is aborted (then the outcome is unknown) or for a defect of the server.
 */
export async function performAction(
  attempt: Attempt,
  step: number,
  action: string,
  tool: Tool,
  input: JsonObject,
): Promise<Performed> {
  const { clock } = attempt.deps
  const { signal } = attempt.control
  const timeout = new AbortController()
  const cancelTimeout = clock.after(tool.timeoutMs, () =>
    timeout.abort(new ToolError('timeout', `The tool ${tool.name} took longer than ${tool.timeoutMs} ms.`)),
  )
  const startedAt = clock.now()
  const both = AbortSignal.any([signal, timeout.signal])
  try {
    const result = await rejectOnAbort(both, tool.perform(input, toolContext(attempt, step, action, both)))
    const manifest = result.wrote ? await snapshotWorkspace(attempt) : undefined
    const { output, truncated } = truncate(result.output, tool.outputBytesMax)
    return { failed: false, output, truncated, manifest, durationMs: clock.now() - startedAt }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof ToolError)) throw error
    const output = `Error (${error.code}): ${error.message}`
    return { failed: true, output, truncated: false, manifest: undefined, durationMs: clock.now() - startedAt }
  } finally {
    cancelTimeout()
  }
}

/**
 * Settles like the promise, or rejects as soon as the signal is aborted: a tool that ignores its signal cannot hold the run.
 */
function rejectOnAbort<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function toolContext(attempt: Attempt, step: number, action: string, signal: AbortSignal): ToolContext {
  const { deps, journal } = attempt
  const { run } = journal.snapshot
  let index = 0
  return {
    workspace: () => openWorkspace(attempt),
    signal,
    clock: deps.clock,
    progress(text) {
      const where = { task: run.taskId, run: run.id, attempt: run.attempt, step, action }
      deps.live.publish({ ...where, index, kind: 'action.progress', text: text.toWellFormed(), snapshot: false })
      index += 1
    },
  }
}

async function snapshotWorkspace(attempt: Attempt): Promise<string> {
  const workspace = await openWorkspace(attempt)
  return retryWhileStoreUnavailable(attempt, () => workspace.snapshot())
}

function openWorkspace(attempt: Attempt): Promise<Workspace> {
  const { task } = attempt.journal.snapshot
  attempt.workspace ??= retryWhileStoreUnavailable(attempt, () => attempt.deps.workspaces.open(task.id, task.manifest))
  attempt.workspace.catch(() => {
    attempt.workspace = undefined // a workspace that could not be opened is tried again at the next use
  })
  return attempt.workspace
}

/** Truncates a text to `bytesMax` bytes of UTF-8, at the edge of a character, and says so in it. */
function truncate(output: string, bytesMax: number): { output: string; truncated: boolean } {
  if (Buffer.byteLength(output) <= bytesMax) return { output, truncated: false }
  const kept = new TextDecoder().decode(Buffer.from(output).subarray(0, bytesMax)).replace(/\uFFFD$/u, '')
  return { output: `${kept}\n[cut: the output was longer than ${bytesMax} bytes]`, truncated: true }
}
