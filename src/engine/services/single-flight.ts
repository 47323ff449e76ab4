/** Runs `work` once at a time; a call in the meantime makes it run once more. */
export function singleFlight(work: () => Promise<void>, failed: (error: unknown) => void): () => void {
  let busy = false
  let again = false
  const start = () => {
    again = busy
    if (busy) return
    busy = true
    work()
      .catch(failed)
      .finally(() => {
        busy = false
        if (again) start()
      })
  }
  return start
}
