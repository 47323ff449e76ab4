/**
 * What is streamed before it is committed. Always superseded by a committed event: `model.responded` refers to the whole,
 * `model.failed` takes back what came of that step so far.
 */
export interface Delta {
  readonly task: string
  readonly run: string
  readonly attempt: number
  readonly step: number
  /** Counts up from 0 within (run, attempt, step, kind, action): a reader that saw `index` ignores what is not above it. */
  readonly index: number
  readonly kind: 'text.delta' | 'reasoning.delta' | 'action.progress'
  /** The action that reports progress; null otherwise. */
  readonly action: string | null
  readonly text: string
  /** A snapshot holds all the text so far up to `index`, for those who come late. */
  readonly snapshot: boolean
}

/**
 * Lossy fan-out of deltas within reach of the process that runs the task. Losing all of it loses only smoothness.
 * Listeners are called synchronously, must not throw, and must drop what they cannot take.
 */
export interface Live {
  publish(delta: Delta): void
  /** Forgets the text so far of a step: its committed event is out, or its attempt is over. */
  settle(task: string): void
  /** First the snapshots of what is running, then each delta as it comes. */
  listen(taskId: string, callback: (delta: Delta) => void): () => void
}
