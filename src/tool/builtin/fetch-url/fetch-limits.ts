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

/** The limits of a fetch where the operator sets none. */
export const defaultFetchLimits: FetchLimits = {
  fetchMs: 30_000,
  connectMs: 10_000,
  redirectsMax: 5,
  bodyBytesMax: 5 * 1024 * 1024,
  htmlBytesMax: 2 * 1024 * 1024,
  conversionMs: 15_000,
  conversionMemoryMb: 256,
  conversionsMax: 2,
  conversionWaitMs: 45_000,
}
