import type { EventView } from '../../api/native/contract/event.ts'
import { formatAmounts, formatCost, formatCount, formatDuration, formatPlural } from '../format/format-amount.ts'
import { formatArguments, formatOutput, formatReadable } from '../format/format-content.ts'
import { oneLine, shorten } from '../format/printable.ts'
import { titleOfPrompt } from '../prompt/describe-prompt.ts'

/**
 * Describes an event beside its type, on one line of at most `charsMax` characters. Empty for a type that this client
 * does not know.
 */
export function describeEvent(event: EventView, charsMax: number): string {
  return shorten(oneLine(detailOf(event, charsMax)), charsMax)
}

function detailOf(event: EventView, charsMax: number): string {
  switch (event.type) {
    case 'task.submitted':
      return event.data.title
    case 'message.added':
      return formatReadable(event.data.message)
    case 'run.queued':
      return `turn ${event.data.turn}, priority ${event.data.priority}, ${event.data.config.provider}/${event.data.config.model}`
    case 'run.claimed':
      return `attempt ${event.data.attempt}`
    case 'attempt.lost':
      return `attempt ${event.data.attempt}: ${lostBecause[event.data.reason]}`
    case 'step.started':
      return `step ${event.data.step}, ${event.data.provider}/${event.data.model}`
    case 'model.responded':
    case 'model.failed':
    case 'model.interrupted':
      return describeModel(event)
    case 'action.requested':
    case 'action.decided':
    case 'action.revoked':
    case 'action.settled':
      return describeAction(event, charsMax)
    case 'budget.overdrawn':
    case 'budget.transferred':
    case 'budget.returned':
    case 'budget.granted':
    case 'budget.released':
      return describeBudget(event)
    case 'task.purged':
      return `${formatPlural(event.data.contents, 'content')}, ${purgedBecause[event.data.reason]} (by ${nameOf(event.data.by)})`
    case 'task.hold_placed':
      return `${event.data.reason ?? 'on hold'} (by ${nameOf(event.data.by)})`
    case 'task.hold_lifted':
      return `by ${nameOf(event.data.by)}`
    case 'prompt.opened':
    case 'prompt.answered':
    case 'prompt.rejected':
    case 'prompt.expired':
    case 'prompt.withdrawn':
      return describePrompt(event)
    case 'run.waiting':
      return `for ${event.data.for}`
    case 'run.succeeded':
      return formatReadable(event.data.result)
    case 'run.failed':
    case 'run.blocked':
      return `${event.data.error.message} (${event.data.error.code})`
    case 'run.cancelled':
      return `by ${nameOf(event.data.by)}`
    case 'run.stop_requested':
    case 'run.stop_withdrawn':
    case 'run.paused':
    case 'run.resumed':
      return ''
    default:
      event satisfies never // a server that is newer than this client may have further types
      return ''
  }
}

/** The name of whoever did something to a task. The server withholds it from readers to whom the task is only shown. */
export function nameOf(user: string | undefined): string {
  return user ?? 'somebody'
}

type EventOfNoun<Noun extends string> = Extract<EventView, { type: `${Noun}.${string}` }>

function describeModel(event: EventOfNoun<'model'>): string {
  if (event.type === 'model.failed') {
    const { message, code, will_retry, retry_after_ms = 0 } = event.data
    const next = will_retry ? `tried again in ${formatDuration(retry_after_ms)}` : 'not tried again'
    return `${message} (${code}), ${next}`
  }
  if (event.type === 'model.interrupted') return `the call was ended: ${event.data.reason.replaceAll('_', ' ')}`
  const { usage, cost_micros_usd, calls, text } = event.data
  const tokens = `${formatCount(usage.input_tokens)} tokens in, ${formatCount(usage.output_tokens)} out`
  const said = text === null || text === '' ? '' : `: ${formatReadable(text)}`
  return `${tokens}, ${formatCost(cost_micros_usd)}${calls > 0 ? `, ${calls} to do` : ''}${said}`
}

function describeAction(event: EventOfNoun<'action'>, charsMax: number): string {
  switch (event.type) {
    case 'action.requested':
      return `${event.data.tool}  ${formatArguments(event.data.arguments, charsMax)}`
    case 'action.decided':
      return [event.data.answer, event.data.rules.join(', '), event.data.reason]
        .filter((part) => part !== '')
        .join(': ')
    case 'action.revoked':
      return `its certificate was revoked by ${nameOf(event.data.by)}`
    case 'action.settled': {
      const { outcome, duration_ms, result } = event.data
      const said = result === null ? '' : `: ${formatOutput(formatReadable(result), charsMax)}`
      return `${outcome} after ${formatDuration(duration_ms)}${said}`
    }
  }
}

function describePrompt(event: EventOfNoun<'prompt'>): string {
  switch (event.type) {
    case 'prompt.opened': {
      const { prompt, prompt_kind, tool, payload } = event.data
      return `${titleOfPrompt({ kind: prompt_kind, tool, payload })} (prompt ${prompt})`
    }
    case 'prompt.answered':
      return `${event.data.outcome} by ${nameOf(event.data.by?.user)}`
    case 'prompt.rejected':
      return `${nameOf(event.data.by?.user)} may not answer: ${event.data.message}`
    case 'prompt.expired':
      return `nobody answered in time: ${event.data.outcome}`
    case 'prompt.withdrawn':
      return event.data.reason.replaceAll('_', ' ')
  }
}

function describeBudget(event: EventOfNoun<'budget'>): string {
  switch (event.type) {
    case 'budget.overdrawn': {
      const { of, reserved, used } = event.data
      return `${of} used ${formatAmounts(used)} of a reserved ${formatAmounts(reserved)}`
    }
    case 'budget.transferred':
    case 'budget.released':
      return `${formatAmounts(event.data.amounts)} to ${event.data.to}`
    case 'budget.returned':
    case 'budget.granted':
      return `${formatAmounts(event.data.amounts)} from ${event.data.from}`
  }
}

const purgedBecause = { retention: 'kept for as long as its policy says', request: 'as was asked for' } as const

/** The reasons for which an attempt ends without an outcome, as clauses for people. */
export const lostBecause = {
  died: 'its process died',
  broke: 'it broke',
  handed_back: 'its server stopped and handed it back',
} as const
