/** What one fetch may take. Every one is named in the error of whoever passes it. */
export interface FetchLimits {
  /** From the first lookup to the last byte, redirects included. */
  readonly fetchMs: number
  readonly connectMs: number
  readonly redirectsMax: number
  /** Of a body, after decompression. */
  readonly bodyBytesMax: number
  /** Of a page that is to become Markdown. */
  readonly htmlBytesMax: number
  readonly conversionMs: number
  readonly conversionMemoryMb: number
  /** Pages being converted at once; further ones wait. */
  readonly conversionsMax: number
  /** How long a page waits for those before it to be converted. */
  readonly conversionWaitMs: number
}

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
