/**
 * Creates a function that runs bodies one after the other, in the order of the calls. A failure affects its own caller
 * only.
 */
export function createOneAtATime(): <T>(body: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (body) => {
    const result = last.then(body)
    last = result.catch(() => {})
    return result
  }
}
