/** Runs what it is given one after the other, in the order of the calls; a failure is its own caller's only. */
export function createOneAtATime(): <T>(body: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (body) => {
    const result = last.then(body)
    last = result.catch(() => {})
    return result
  }
}
