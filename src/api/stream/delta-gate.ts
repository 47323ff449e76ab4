import type { JournalEvent } from '../../domain/event.ts'
import { terminalStates } from '../../domain/run-state.ts'
import type { Delta } from '../../live/live.ts'

/** Where a journal stood when a reader opened it. */
export interface JournalPosition {
  readonly lastSeq: number
  readonly run: string
  readonly attempt: number
  /** Steps of the run whose responses are in the journal. */
  readonly steps: number
}

/**
 * Keeps deltas in their place among the events that one reader was shown: none of a step before what comes before it, none
 * after the committed event that holds the whole.
 */
export interface DeltaGate {
  /** The reader was shown this event. */
  shown(event: JournalEvent): void
  /** `hold`: its place has not come yet. `drop`: its place is past. */
  judge(delta: Delta): 'show' | 'hold' | 'drop'
}

/** `after` is the last seq that the reader has seen before. */
export function createDeltaGate(position: JournalPosition, after: number): DeltaGate {
  let run = ''
  let pastRun = ''
  let attempt = 0
  let steps = 0
  /** The start of the next step was not shown: what the one before it left open may still be settled. */
  let unbegun = false
  const settled = new Set<string>()

  const startRun = (id: string) => {
    if (id === run) return
    pastRun = run
    run = id
    attempt = 0
    steps = 0
    unbegun = false
  }
  /** What lies before `after` was not shown to this gate, but the reader knows it. */
  const catchUp = (seq: number) => {
    if (seq < position.lastSeq || (run !== '' && run !== position.run)) return
    startRun(position.run)
    attempt = Math.max(attempt, position.attempt)
    steps = Math.max(steps, position.steps)
  }
  catchUp(after)

  return {
    shown(event) {
      if (event.run !== null && event.kind === 'run.queued') startRun(event.run)
      if (event.kind === 'run.claimed') attempt = event.facts.attempt
      if (event.kind === 'model.responded') {
        steps = event.facts.step
        unbegun = true
        settled.clear()
      }
      if (event.kind === 'step.started') unbegun = false
      if (event.kind === 'action.settled') settled.add(event.facts.action)
      if (ends.has(event.kind)) steps = Number.POSITIVE_INFINITY
      catchUp(event.seq)
    },
    judge(delta) {
      if (delta.run !== run) return delta.run === pastRun ? 'drop' : 'hold'
      if (delta.attempt !== attempt) return delta.attempt < attempt ? 'drop' : 'hold'
      if (delta.kind === 'action.progress') {
        if (delta.action !== null && settled.has(delta.action)) return 'drop'
        if (delta.step === steps) return 'show'
        return delta.step < steps ? 'drop' : 'hold'
      }
      if (delta.step === steps + 1) return unbegun ? 'hold' : 'show'
      return delta.step <= steps ? 'drop' : 'hold'
    },
  }
}

const ends: ReadonlySet<string> = new Set(terminalStates.map((state) => `run.${state}`))
