import type { DeltaMessage } from '../../api/native/contract/delta.ts'
import type { EventView } from '../../api/native/contract/event.ts'
import { formatCost, formatCount, formatDuration } from '../format/format-amount.ts'
import { formatReadable } from '../format/format-content.ts'
import type { Paint, Terminal, Tone } from '../terminal.ts'
import { renderEvent } from './render-event.ts'
import { createStatusLine } from './status-line.ts'
import { createTextStream } from './stream-text.ts'

/** Shows the journal of one task as it grows. */
export interface LiveView {
  event(event: EventView): void
  delta(delta: DeltaMessage): void
  /** Something that is not in the journal: the connection was cut, the task is being cancelled. */
  note(tone: Tone, text: string): void
  /** Time has passed. */
  tick(): void
  /** While a person types, there is no line with what is going on. */
  pause(): void
  resume(): void
  /** The last text that a model said, shown in full: a result that equals it need not be shown again. */
  readonly lastText: string | undefined
  close(): void
}

interface LiveViewOptions {
  readonly terminal: Terminal
  readonly paint: Paint
  readonly now: () => number
}

/** Creates the view of one task. Standard output is only appended to: a line that was printed never changes. */
export function createLiveView({ terminal, paint, now }: LiveViewOptions): LiveView {
  const startedAt = now()
  const line = createStatusLine(terminal, (text) => paint('quiet', text))
  const texts = createTextStream(line, paint)
  const turn = createTurn()
  let early: DeltaMessage[] = []
  let lastText: string | undefined
  let costMicrosUsd = 0
  let outputTokens = 0
  let paused = false

  const tick = () => {
    if (paused) return
    const tokens = outputTokens === 0 ? [] : [`${formatCount(outputTokens)} tokens out`, formatCost(costMicrosUsd)]
    line.set([turn.state(), formatDuration(wholeSeconds(now() - startedAt)), ...tokens, 'Ctrl-C cancels'].join(' · '))
  }
  const startStep = (run: string, step: number) => {
    if (!turn.enter(run, step)) return
    line.endLine()
    line.write(`${paint('heading', `step ${step}`)}\n`)
  }
  const show = (delta: DeltaMessage) => {
    startStep(delta.data.run, delta.data.step)
    texts.print(delta)
  }
  const delta = (message: DeltaMessage) => {
    if (turn.isDue(message)) show(message)
    else early.push(message)
  }
  const event = (one: EventView) => {
    turn.take(one)
    if (one.type === 'step.started') startStep(one.run ?? '', one.data.step)
    if (one.type === 'model.responded') {
      startStep(one.run ?? '', one.data.step)
      early = early.filter(({ data }) => data.step > one.data.step)
      lastText = one.data.text === null ? '' : formatReadable(one.data.text)
      texts.complete(lastText)
      costMicrosUsd += one.data.cost_micros_usd
      outputTokens += one.data.usage.output_tokens
    }
    if (one.type === 'model.interrupted' && one.data.reason === 'stopped') {
      texts.complete(one.data.text === null ? '' : formatReadable(one.data.text))
      costMicrosUsd += one.data.cost_micros_usd ?? 0
    } else if (one.type === 'model.failed' || one.type === 'model.interrupted' || one.type === 'attempt.lost') {
      texts.drop()
      early = []
    }
    for (const { tone, text } of renderEvent(one, terminal.columns)) {
      line.endLine()
      line.write(`${paint(tone, text)}\n`)
    }
    const waiting = early
    early = []
    for (const message of waiting) delta(message)
    tick()
  }
  return {
    event,
    delta,
    tick,
    pause() {
      paused = true
      line.endLine()
      line.close()
    },
    resume() {
      paused = false
      tick()
    },
    note(tone, text) {
      line.endLine()
      line.write(`${paint(tone, text)}\n`)
    },
    get lastText() {
      return lastText
    },
    close() {
      line.endLine()
      line.close()
    },
  }
}

/**
 * The progress of the run as of the last journal event. Streamed text may arrive before the events that come before it;
 * it is due only when everything that the step before requested has been settled.
 */
function createTurn() {
  let run = ''
  let responded = 0
  let entered = 0
  let open = 0
  let doing = 'queued'

  function take(event: EventView): void {
    switch (event.type) {
      case 'run.queued':
        run = event.run ?? ''
        responded = 0
        entered = 0
        open = 0
        doing = 'queued'
        break
      case 'run.claimed':
        doing = 'running'
        break
      case 'step.started':
        doing = `step ${event.data.step}`
        break
      case 'model.responded':
        responded = event.data.step
        open = event.data.calls
        doing = `step ${event.data.step}`
        break
      case 'action.requested':
        if (event.data.repeats !== undefined) open += 1
        doing = `step ${event.data.step} · ${event.data.tool}`
        break
      case 'action.settled':
        open -= 1
        break
      case 'run.waiting':
      case 'run.paused':
        doing = event.type.slice('run.'.length)
        break
      case 'attempt.lost':
      case 'run.resumed':
        doing = 'queued'
        break
      default:
        break
    }
  }
  return {
    take,
    state: () => doing,
    isDue: ({ data }: DeltaMessage) => data.run === run && data.step === responded + 1 && open <= 0,
    /** Whether this step is shown for the first time. */
    enter(ofRun: string, step: number): boolean {
      if (ofRun !== run || step <= entered) return false
      entered = step
      return true
    },
  }
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000
}
