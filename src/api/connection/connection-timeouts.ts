import type { Limits } from '../../domain/limits.ts'

type TimeoutLimits = Pick<
  Limits,
  | 'header_timeout_ms'
  | 'request_timeout_ms'
  | 'keep_alive_timeout_ms'
  | 'connection_stalled_timeout_ms'
  | 'wait_seconds_max'
>

/** The interval at which Node checks for connections that took too long. */
const checkEveryMs = 1_000

/** Returns the server options that end silent and slow connections. Fastify's defaults are zeros, which mean never. */
export function connectionTimeouts(limits: TimeoutLimits) {
  const { request_timeout_ms: requestMs, connection_stalled_timeout_ms: stalledMs } = limits
  const headersTimeout = Math.min(limits.header_timeout_ms, requestMs)
  return {
    requestTimeout: requestMs,
    keepAliveTimeout: limits.keep_alive_timeout_ms,
    // Nothing moves while a request waits for a task, and a request that arrives too slowly gets a response that says so first.
    connectionTimeout: Math.max(requestMs, limits.wait_seconds_max * 1_000) + stalledMs,
    http: {
      requestTimeout: requestMs,
      headersTimeout,
      connectionsCheckingInterval: Math.min(checkEveryMs, headersTimeout),
    },
  }
}
