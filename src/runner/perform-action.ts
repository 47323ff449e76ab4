import type { JsonObject } from '../domain/json.ts'
import { type Tool, type ToolContext, ToolError, type Workspace } from '../tool/tool.ts'
import type { Attempt } from './attempt.ts'
import { retryWhileStoreUnavailable } from './retry-while-store-unavailable.ts'

/** What came of an action: what the model is told, and what the journal says of it. */
export interface Performed {
  readonly failed: boolean
  readonly output: string
  readonly truncated: boolean
  readonly manifest: string | undefined
  readonly durationMs: number
}

/**
 * Carries out one allowed action, inside the tool's own time and output limits. Throws only when the attempt is cut (then
 * the outcome is unknown) or the server is at fault; what goes wrong in the tool is told to the model.
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
    const result = await aborted(both, tool.perform(input, toolContext(attempt, step, action, both)))
    const manifest = result.wrote ? await snapshotWorkspace(attempt) : undefined
    const { output, truncated } = cut(result.output, tool.outputBytesMax)
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

/** The promise, or the signal's reason as soon as it is aborted: a tool that does not listen cannot hold the run. */
function aborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
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
    attempt.workspace = undefined // what could not be opened now is tried again at the next use
  })
  return attempt.workspace
}

/** Cuts a text to so many bytes of UTF-8, at a character's edge, and says so. */
function cut(output: string, bytesMax: number): { output: string; truncated: boolean } {
  if (output.length * 3 <= bytesMax || Buffer.byteLength(output) <= bytesMax) return { output, truncated: false }
  const kept = new TextDecoder().decode(Buffer.from(output).subarray(0, bytesMax)).replace(/\uFFFD$/u, '')
  return { output: `${kept}\n[cut: the output was longer than ${bytesMax} bytes]`, truncated: true }
}
