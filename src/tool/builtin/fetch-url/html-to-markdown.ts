import { Worker } from 'node:worker_threads'
import { type ToolContext, ToolError } from '../../tool.ts'
import type { FetchLimits } from './fetch-limits.ts'
import type { HtmlJob, HtmlResult } from './html-worker.ts'

type TimeAndSignal = Pick<ToolContext, 'clock' | 'signal'>

/**
 * Converts the main text of a page to Markdown. It runs in a separate thread with limits on memory and time, since a
 * page can be made to exhaust any converter; exceeding a limit or breaking the converter is a ToolError. When this
 * settles the thread has ended, and the rest of the server was not held up.
 */
export async function htmlToMarkdown(job: HtmlJob, limits: FetchLimits, context: TimeAndSignal): Promise<string> {
  context.signal.throwIfAborted()
  const worker = new Worker(new URL('./html-worker.ts', import.meta.url), {
    workerData: job,
    // The thread that reads strangers' pages is given nothing of the server, and its output is discarded.
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: limits.conversionMemoryMb, maxYoungGenerationSizeMb: 32 },
  })
  try {
    return await resultOf(worker, job, limits, context)
  } finally {
    await worker.terminate()
  }
}

function resultOf(
  worker: Worker,
  job: HtmlJob,
  limits: FetchLimits,
  { clock, signal }: TimeAndSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (message: string, cause?: unknown) =>
      reject(new ToolError('conversion_failed', `${job.url} could not be converted to text: ${message}.`, cause))
    const abort = () => reject(signal.reason)
    const cancelTimeout = clock.after(limits.conversionMs, () =>
      fail(`it took longer than ${limits.conversionMs} ms (fetch_conversion_timeout_ms)`),
    )
    signal.addEventListener('abort', abort, { once: true })
    worker.once('message', (result: HtmlResult) => resolve(result.markdown))
    worker.once('error', (error) => fail(reasonOf(error), error))
    worker.once('exit', (code) => fail(`the converter ended with ${code}`))
    worker.once('exit', () => {
      cancelTimeout()
      signal.removeEventListener('abort', abort)
    })
  })
}

function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return 'its elements are nested too deeply'
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it takes too much memory' : 'the converter does not understand it'
}
