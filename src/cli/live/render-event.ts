import type { EventView, EventViewOf } from '../../api/native/contract/event.ts'
import { formatDuration } from '../format/format-amount.ts'
import { formatArguments, formatOutput, formatReadable } from '../format/format-content.ts'
import { oneLine, shorten } from '../format/printable.ts'
import type { Tone } from '../terminal.ts'
import { describeEvent, lostBecause, nameOf } from './describe-event.ts'

/** One line without its line break, and the tone to paint it in. */
export interface RenderedLine {
  readonly tone: Tone
  readonly text: string
}

/**
 * The lines by which an event shows in a live view. Steps, texts and the end are not among them: they are printed as they
 * grow, and by the summary.
 */
export function renderEvent(event: EventView, columns: number): RenderedLine[] {
  const one = (tone: Tone, text: string): RenderedLine[] => [{ tone, text }]
  switch (event.type) {
    case 'message.added':
      // The first is what the person has just typed.
      if (event.seq <= 2) return []
      return one('heading', `> ${shorten(oneLine(formatReadable(event.data.message)), columns - 2)}`)
    case 'run.queued':
      return one('quiet', event.data.turn === 1 ? 'queued' : `queued: turn ${event.data.turn}`)
    case 'run.claimed':
      return one('quiet', event.data.attempt === 1 ? 'running' : `running: attempt ${event.data.attempt}`)
    case 'attempt.lost':
      return one('warning', `attempt ${event.data.attempt} was lost, ${lostBecause[event.data.reason]}: queued again`)
    case 'run.stop_requested':
      return one('warning', 'stop requested: it pauses when what it is doing is done')
    case 'run.stop_withdrawn':
      return one('quiet', 'the stop was withdrawn')
    case 'model.failed':
      return one(event.data.will_retry ? 'warning' : 'bad', modelFailure(event, columns))
    case 'action.requested':
      return one('tool', shorten(actionLine(event, columns), columns).trimEnd())
    case 'action.decided':
      if (event.data.answer === 'allow') return []
      return one(event.data.answer === 'deny' ? 'bad' : 'warning', decision(event))
    case 'action.settled':
      return settlement(event, columns)
    case 'action.revoked':
      return one('bad', `  its certificate was revoked by ${oneLine(nameOf(event.data.by))}`)
    case 'budget.overdrawn':
      return one('bad', describeEvent(event, 3 * columns))
    case 'prompt.opened':
      return one('warning', `asked: ${describeEvent(event, 3 * columns)}`)
    case 'prompt.answered':
    case 'prompt.expired':
    case 'prompt.rejected':
      return one('quiet', describeEvent(event, 3 * columns))
    case 'run.waiting':
      return one('warning', `waiting for ${event.data.for === 'prompt' ? 'an answer' : event.data.for}`)
    case 'run.paused':
      return one('warning', 'paused')
    case 'run.resumed':
      return one('quiet', 'resumed')
    case 'prompt.withdrawn':
    case 'task.submitted':
    case 'task.purged':
    case 'task.hold_placed':
    case 'task.hold_lifted':
    case 'step.started':
    case 'model.responded':
    case 'model.interrupted':
    case 'budget.transferred':
    case 'budget.returned':
    case 'budget.granted':
    case 'budget.released':
    case 'run.succeeded':
    case 'run.failed':
    case 'run.blocked':
    case 'run.cancelled':
      return []
    default:
      event satisfies never // a server that is newer than this client may have further types
      return []
  }
}

function modelFailure({ data }: EventViewOf<'model.failed'>, columns: number): string {
  const next = data.will_retry ? `; asking again in ${formatDuration(data.retry_after_ms ?? 0)}` : ''
  const start = `the model did not answer: `
  return `${start}${shorten(oneLine(data.message), Math.max(20, 3 * columns - start.length))} (${data.code})${next}`
}

function actionLine({ data }: EventViewOf<'action.requested'>, columns: number): string {
  const again = data.repeats === undefined ? '' : ' (again)'
  const start = `  ${oneLine(data.tool)}${again}  `
  return `${start}${formatArguments(data.arguments, Math.max(20, columns - start.length))}`
}

function decision({ data }: EventViewOf<'action.decided'>): string {
  const rules = data.rules.length === 0 ? '' : ` by ${data.rules.join(', ')}`
  return `  ${data.answer === 'deny' ? 'denied' : 'asks a person'}${rules}: ${oneLine(data.reason)}`
}

const marks = { settled: '✓', failed: '✗', unknown: '?', denied: '✗' } as const
const tones = { settled: 'good', failed: 'bad', unknown: 'warning', denied: 'bad' } as const

function settlement({ data }: EventViewOf<'action.settled'>, columns: number): RenderedLine[] {
  if (data.outcome === 'denied') return [] // the decision has said so
  const took = `  ${formatDuration(data.duration_ms)}`
  const said = data.result === null ? `outcome ${data.outcome}` : formatReadable(data.result)
  const text = formatOutput(said, Math.max(20, columns - took.length - 4))
  return [{ tone: tones[data.outcome], text: `  ${marks[data.outcome]} ${text}${took}` }]
}
