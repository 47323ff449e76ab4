import type { Limits } from '../../domain/limits.ts'

/**
 * Reads the seconds that a `Prefer: wait=N` (RFC 7240) asks to wait, up to the limit of the server. It is undefined
 * for none.
 */
export function preferredWait(prefer: string | string[] | undefined, limits: Limits): number | undefined {
  const text = Array.isArray(prefer) ? prefer.join(',') : prefer
  const found = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?(?=$|[,;\s])/iu.exec(text ?? '')
  return found === null ? undefined : Math.min(Number(found[1]), limits.wait_seconds_max)
}

/** Tells whether a client accepts a stream: it names the media type and does not exclude it. */
export function wantsStream(accept: string | undefined): boolean {
  if (accept === undefined || !/event-stream/iu.test(accept)) return false
  return accept
    .split(',')
    .some((range) => /^\s*text\/event-stream\s*(?:;(?!\s*q\s*=\s*0(?:\.0*)?\s*(?:$|;)).*)?$/iu.test(range))
}
