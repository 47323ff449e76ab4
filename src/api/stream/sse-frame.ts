/** The headers of every event stream. The last but one keeps proxies from holding it back. */
export const eventStreamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
} as const

/** The frame that makes a browser wait a second before it resumes a broken stream. */
export const retryFrame = 'retry: 1000\n\n'

/** Formats an event. `Last-Event-ID` names its id after a break; `data` is JSON, so it holds no line break. */
export function eventFrame(seq: number, type: string, data: string): string {
  return `id: ${seq}\nevent: ${type}\ndata: ${data}\n\n`
}

/** Formats a delta, which no stream is resumed from. */
export function deltaFrame(type: string, data: string): string {
  return `event: ${type}\ndata: ${data}\n\n`
}
