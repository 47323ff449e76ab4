import type { Limits } from '../../../domain/limits.ts'

/** The limits of one fetch. The error for an exceeded limit names it. */
export interface FetchLimits {
  /** The time from the first lookup to the last byte, with redirects. */
  readonly fetchMs: number
  readonly connectMs: number
  readonly redirectsMax: number
  /** Bytes of a body, after decompression. */
  readonly bodyBytesMax: number
  /** Bytes of a page that is converted to Markdown. */
  readonly htmlBytesMax: number
  readonly conversionMs: number
  readonly conversionMemoryMb: number
  /** Pages that are converted at once. Further ones wait. */
  readonly conversionsMax: number
  /** The time that a page may wait for those before it. */
  readonly conversionWaitMs: number
}

/** The configured limits of the server that bound a fetch. */
export type FetchUrlLimits = Pick<
  Limits,
  | 'fetch_timeout_ms'
  | 'fetch_body_bytes_max'
  | 'fetch_html_bytes_max'
  | 'fetch_redirects_max'
  | 'fetch_conversion_timeout_ms'
  | 'fetch_conversions_running_max'
  | 'fetch_conversion_wait_ms'
>

/** The limits of a fetch out of the configured limits of the server. */
export function fetchLimitsOf(limits: FetchUrlLimits): FetchLimits {
  return {
    fetchMs: limits.fetch_timeout_ms,
    connectMs: Math.min(10_000, limits.fetch_timeout_ms),
    redirectsMax: limits.fetch_redirects_max,
    bodyBytesMax: limits.fetch_body_bytes_max,
    htmlBytesMax: limits.fetch_html_bytes_max,
    conversionMs: limits.fetch_conversion_timeout_ms,
    conversionMemoryMb: 256,
    conversionsMax: limits.fetch_conversions_running_max,
    conversionWaitMs: limits.fetch_conversion_wait_ms,
  }
}
