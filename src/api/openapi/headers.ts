/** Headers that routes read, and that a generated client can therefore set. */
export const requestHeaders = {
  'Idempotency-Key':
    'Makes the request safe to repeat: a second one with the same key and body gets the answer of the first.',
  Prefer: '`wait=N`: answer once the task has ended, or after N seconds.',
  'Last-Event-ID': 'The number of the last event that was seen; goes before `after`.',
} as const
export type RequestHeaderName = keyof typeof requestHeaders

/** Headers that answers carry, beside those of every HTTP answer. */
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
export type ResponseHeaderName = keyof typeof responseHeaders

/** Those that every answer with this status carries, or may carry. */
export function headersOfStatus(status: number): readonly ResponseHeaderName[] {
  if (status === 401) return ['X-Request-Id', 'WWW-Authenticate']
  if (status === 429 || status === 503) return ['X-Request-Id', 'Retry-After']
  return ['X-Request-Id']
}
