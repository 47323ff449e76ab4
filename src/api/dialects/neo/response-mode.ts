/**
 * Whether a create request is answered with JSON: `response_format` goes before `Accept: application/json`, which goes before
 * the default, a stream. A client that names both media types gets what it prefers, and JSON where it prefers none.
 */
export function wantsJson(responseFormat: 'sse' | 'json' | undefined, accept: string | undefined): boolean {
  if (responseFormat !== undefined) return responseFormat === 'json'
  const json = qualityOf('application/json', accept)
  return json > 0 && json >= qualityOf('text/event-stream', accept)
}

/** The q of a media type that an Accept header names; 0 for one that it does not name. A range such as any type names none. */
function qualityOf(mediaType: string, accept = ''): number {
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    if (type !== mediaType) continue
    const q = parameters.find((parameter) => parameter.startsWith('q='))
    const value = q === undefined ? 1 : Number(q.slice(2))
    return Number.isFinite(value) ? value : 0
  }
  return 0
}
