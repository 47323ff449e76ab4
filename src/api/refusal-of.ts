import type { FastifyError } from 'fastify'
import type { Limits } from '../domain/limits.ts'
import { isRefusal, Refusal } from '../domain/refusal.ts'

/**
 * Converts anything that was thrown while a request was answered to a refusal. Fastify's own errors keep their meaning;
 * anything else is a defect and becomes `internal`, with the error as its cause and no detail. A refusal of the storage holds
 * the words of a database or a disk, which are for the log: callers get one fixed sentence.
 */
export function refusalOf(error: unknown, limits: Limits): Refusal {
  if (isRefusal(error, 'storage_unavailable')) {
    return new Refusal(error.code, storageSentence, { retryAfterMs: error.retryAfterMs ?? 1_000, cause: error })
  }
  if (error instanceof Refusal) return error
  const { code, statusCode } = error as Partial<FastifyError>
  switch (code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Refusal('unsupported_media_type', 'Send the body as "Content-Type: application/json".', {
        cause: error,
      })
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return bodyTooLarge(limits, error)
    case 'FST_ERR_BAD_URL':
      return new Refusal('malformed_request', 'The path is not well encoded.', { cause: error })
    default:
      break
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new Refusal('malformed_request', 'The request cannot be read.', { cause: error })
  }
  return new Refusal('internal', 'Something went wrong in the server. It was logged.', { cause: error })
}

/** The sentence about a storage that refuses writes. The public health says it too. */
export const storageSentence = 'The storage of the server cannot be used at the moment. Try again later.'

/** The refusal of a body above `body_bytes_max`, on the wire or inflated. */
export function bodyTooLarge(limits: Pick<Limits, 'body_bytes_max'>, cause?: unknown): Refusal {
  const detail = `The body is larger than ${limits.body_bytes_max} bytes.`
  return new Refusal('payload_too_large', detail, { limit: 'body_bytes_max', cause })
}
