/**
 * Streamed output that is not committed yet. A committed event always supersedes it: `model.responded` refers to the
 * whole text, `model.failed` withdraws what the step has streamed so far.
 */
export interface Delta {
  readonly task: string
  readonly run: string
  readonly attempt: number
  readonly step: number
  /**
   * The index, which counts up from 0 within (run, attempt, step, kind, action). A reader ignores an index that is not
   * above its last one.
   */
  readonly index: number
  readonly kind: 'text.delta' | 'reasoning.delta' | 'action.progress'
  /** The action that reports progress, or null for output of the model. */
  readonly action: string | null
  readonly text: string
  /** Whether this is a snapshot, which holds all the text up to `index` for late listeners. */
  readonly snapshot: boolean
}

/**
 * Lossy fan-out of deltas within reach of the process that runs the task. Losing all of them loses only smoothness.
 * Listeners are called synchronously, must not throw, and must drop what they cannot take.
 */
export interface Live {
  publish(delta: Delta): void
  /** Forgets the text of the running step, since its event is committed or its attempt has ended. */
  settle(task: string): void
  /**
   * Calls back with snapshots of the running step first, then with each delta as it comes. The returned function ends
   * that.
   */
  listen(taskId: string, callback: (delta: Delta) => void): () => void
}
