import type { JournalEvent } from '../../domain/event.ts'
import { terminalStates } from '../../domain/run-state.ts'
import type { Delta } from '../../live/live.ts'

/** The state of a journal when a reader opened it. */
export interface JournalPosition {
  readonly lastSeq: number
  readonly run: string
  readonly attempt: number
  /** The steps of the run whose responses are in the journal. */
  readonly steps: number
}

/**
 * Keeps deltas in their place among the events that one reader was shown: none of a step comes before the event that started
 * it, none of an action before its decision, and none after the committed event that holds the whole.
 */
export interface DeltaGate {
  /** Tells that the reader was shown this event. */
  shown(event: JournalEvent): void
  /** Decides about a delta: `hold` where its place has not come yet, `drop` where it is past. */
  judge(delta: Delta): 'show' | 'hold' | 'drop'
}

/** The events before the reader's position that a gate reads: more than a step and its actions append. */
export const shownEventsMax = 200

/**
 * Creates the gate of one reader. `shownBefore` are the last events that the reader has, up to the seq `after`. Where they do
 * not hold the start of the present step, its deltas are held until the next step.
 */
export function createDeltaGate(
  position: JournalPosition,
  after: number,
  shownBefore: readonly JournalEvent[],
): DeltaGate {
  let run = ''
  let pastRun = ''
  let attempt = 0
  let steps = 0
  let started: Pick<Delta, 'run' | 'attempt' | 'step'> | undefined
  const decided = new Set<string>()
  const settled = new Set<string>()

  const startRun = (id: string) => {
    if (id === run) return
    pastRun = run
    run = id
    attempt = 0
    steps = 0
  }
  /** The reader knows the events before `after`, although this gate was not shown them. */
  const catchUp = (seq: number) => {
    if (seq < position.lastSeq || (run !== '' && run !== position.run)) return
    startRun(position.run)
    attempt = Math.max(attempt, position.attempt)
    steps = Math.max(steps, position.steps)
  }
  const shown = (event: JournalEvent) => {
    if (event.run !== null && event.kind === 'run.queued') startRun(event.run)
    if (event.kind === 'run.claimed') attempt = event.facts.attempt
    if (event.kind === 'step.started') {
      started = { run: event.run ?? run, attempt: event.attempt ?? attempt, step: event.facts.step }
    }
    if (event.kind === 'model.responded') {
      steps = event.facts.step
      decided.clear()
      settled.clear()
    }
    if (event.kind === 'action.decided') decided.add(event.facts.action)
    if (event.kind === 'action.settled') settled.add(event.facts.action)
    if (ends.has(event.kind)) steps = Number.POSITIVE_INFINITY
    catchUp(event.seq)
  }
  const isStarted = (delta: Delta) =>
    started?.run === delta.run && started.attempt === delta.attempt && started.step === delta.step

  for (const event of shownBefore) shown(event)
  catchUp(after)

  return {
    shown,
    judge(delta) {
      if (delta.run !== run) return delta.run === pastRun ? 'drop' : 'hold'
      if (delta.attempt !== attempt) return delta.attempt < attempt ? 'drop' : 'hold'
      if (delta.kind === 'action.progress') {
        if (delta.step < steps || (delta.action !== null && settled.has(delta.action))) return 'drop'
        return delta.step === steps && delta.action !== null && decided.has(delta.action) ? 'show' : 'hold'
      }
      if (delta.step <= steps) return 'drop'
      return isStarted(delta) ? 'show' : 'hold'
    },
  }
}

const ends: ReadonlySet<string> = new Set(terminalStates.map((state) => `run.${state}`))
