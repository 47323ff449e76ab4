import { type ToolContext, ToolError } from '../../tool.ts'
import { createSemaphore } from './create-semaphore.ts'
import type { FetchLimits } from './fetch-limits.ts'
import type { HtmlJob } from './html-worker.ts'

type TimeAndSignal = Pick<ToolContext, 'clock' | 'signal'>
/** Converts a page to Markdown. */
export type ConvertPage = (job: HtmlJob, limits: FetchLimits, context: TimeAndSignal) => Promise<string>

/**
 * Converts pages, at most `fetch_conversions_running_max` at once. A page that is too large never waits. One that waits
 * longer than `fetch_conversion_wait_ms` behind heavy ones is a ToolError `converters_busy`.
 */
export function createPageConverter(
  limits: FetchLimits,
  convert: ConvertPage = convertInWorker,
): (job: HtmlJob, context: TimeAndSignal) => Promise<string> {
  const semaphore = createSemaphore(limits.conversionsMax)
  return async (job, context) => {
    requireSize(job, limits)
    const overtime = new AbortController()
    const stopWaiting = context.clock.after(limits.conversionWaitMs, () => overtime.abort(busy(job, limits)))
    try {
      // The semaphore watches this signal only while the page waits.
      const signal = AbortSignal.any([context.signal, overtime.signal])
      return await semaphore(signal, () => convert(job, limits, context))
    } finally {
      stopWaiting()
    }
  }
}

const convertInWorker: ConvertPage = async (job, limits, context) => {
  const { htmlToMarkdown } = await import('./html-to-markdown.ts')
  return await htmlToMarkdown(job, limits, context)
}

function requireSize({ html, url }: HtmlJob, { htmlBytesMax }: FetchLimits): void {
  if (Buffer.byteLength(html) <= htmlBytesMax) return
  const sentence = `${url} is a page of more than ${htmlBytesMax} bytes (fetch_html_bytes_max), too large to convert.`
  throw new ToolError('page_too_large', sentence)
}

function busy({ url }: HtmlJob, { conversionWaitMs, conversionsMax }: FetchLimits): ToolError {
  const sentence = `${url} was not converted to text: for ${conversionWaitMs} ms (fetch_conversion_wait_ms) as many other pages were being converted as may be at once (${conversionsMax}, fetch_conversions_running_max). Fetch it again later.`
  return new ToolError('converters_busy', sentence)
}
