/** The headers that routes read, which a generated client can set. */
export const requestHeaders = {
  'Idempotency-Key':
    'Makes the request safe to repeat: a second one with the same key and body gets the answer of the first.',
  Prefer: '`wait=N`: answer once the task has ended, or after N seconds.',
  'Last-Event-ID': 'The number of the last event that was seen; goes before `after`.',
} as const
/** The name of a header that a route reads. */
export type RequestHeaderName = keyof typeof requestHeaders

/** The headers that answers carry, besides those of every HTTP answer. */
export const responseHeaders = {
  'X-Request-Id': 'Names the request in the log of the server.',
  'WWW-Authenticate': 'How to bring a key.',
  'Retry-After': 'After how many seconds another try may help.',
  Location: 'The path of what was made.',
  'Preference-Applied': 'The wait that was granted.',
  'Idempotent-Replayed': '`true`: this is the answer to an earlier request with the same Idempotency-Key.',
  'Content-Disposition': 'The name of the file.',
  'Mandate-Ignored-Fields': 'Fields of the request that had no effect, separated by commas.',
} as const
/** The name of a header that an answer carries. */
export type ResponseHeaderName = keyof typeof responseHeaders

/** Returns the headers that every answer with this status carries, or may carry. */
export function headersOfStatus(status: number): readonly ResponseHeaderName[] {
  if (status === 401) return ['X-Request-Id', 'WWW-Authenticate']
  if (status === 429 || status === 503) return ['X-Request-Id', 'Retry-After']
  return ['X-Request-Id']
}
