/** Served with every stream; the last one keeps proxies from holding it back. */
export const eventStreamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
} as const

/** How long a browser waits before it takes up a cut stream. */
export const retryFrame = 'retry: 1000\n\n'

/** A frame with an id is what `Last-Event-ID` names after a cut; `data` is JSON, so it holds no line break. */
export function eventFrame(seq: number, type: string, data: string): string {
  return `id: ${seq}\nevent: ${type}\ndata: ${data}\n\n`
}

/** A frame that is not resumed from. */
export function deltaFrame(type: string, data: string): string {
  return `event: ${type}\ndata: ${data}\n\n`
}
