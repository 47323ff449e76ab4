/** What workers are asked to do in the tests of the pool itself. */
export function echo<T>(value: T): T {
  return value
}

export function fail(message: string): never {
  throw new RangeError(message)
}

/** Until its thread is ended. */
export function spin(): never {
  for (;;) Math.random()
}

/** A pattern that looks at the text again from each of its places, many times over. */
export function backtrack(): boolean {
  return /^(a+)+$/.test(`${'a'.repeat(60)}b`)
}

export function fillMemory(): never {
  const kept: string[][] = []
  for (;;) kept.push(Array.from({ length: 100_000 }, (_, index) => `${index} ${Math.random()}`))
}

export function leave(): never {
  process.exit(3)
}

/** Says that it runs, and goes on once both sides are there: `flags` are shared between the threads. */
export function meet(flags: SharedArrayBuffer, index: number): number {
  const view = new Int32Array(flags)
  Atomics.store(view, index, 1)
  Atomics.notify(view, index)
  Atomics.wait(view, 2, 0)
  return index
}

let kept = new Uint8Array()

/** Answers with bytes, as part of a larger memory or as the whole of it, and keeps them. */
export function makeBytes(whole: boolean): { readonly bytes: Uint8Array } {
  kept = whole ? new Uint8Array([1, 2]) : new Uint8Array([0, 1, 2]).subarray(1)
  return { bytes: kept }
}

/** Tells how many of the bytes that it answered with are still the worker's. */
export function countKept(): number {
  return kept.length
}
