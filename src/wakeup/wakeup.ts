/**
 * "Look again": a hint that a journal has grown. Carries no data, comes after the commit, may be lost or come twice; whoever
 * waits for one also looks by itself from time to time.
 */
export interface Wakeup {
  hint(taskId: string): void
  /** Calls back at every hint for this task until the answer is called. The callback must not throw. */
  listen(taskId: string, callback: () => void): () => void
  /** The same for every task: for services that look after all of them. */
  listenToAll(callback: () => void): () => void
}
