/**
 * Hints that a journal has grown. A hint carries no data, comes after the commit, and may be lost or repeated; a
 * listener therefore also reads by itself from time to time.
 */
export interface Wakeup {
  hint(taskId: string): void
  /** Calls back at every hint for this task until the returned function is called. The callback must not throw. */
  listen(taskId: string, callback: () => void): () => void
  /** Calls back at the hints for all tasks, for services that look after all of them. */
  listenToAll(callback: () => void): () => void
}
