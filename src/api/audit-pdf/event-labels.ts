import type { Amounts } from '../../domain/budget.ts'
import { type EventSubject, isAbout, type JournalEvent } from '../../domain/event.ts'
import { unreachable } from '../../domain/unreachable.ts'

/** Formats micro-dollars for people: with at least whole cents, and as many digits as there are. */
export function dollars(microsUsd: number): string {
  const [wholeDollars = '0', fraction = ''] = (Math.abs(microsUsd) / 1_000_000).toFixed(6).split('.')
  const digits = fraction.replace(/0+$/u, '').padEnd(2, '0')
  return `${microsUsd < 0 ? '-' : ''}$${Number(wholeDollars).toLocaleString('en-US')}.${digits}`
}

/** Formats a count with separators of thousands. */
export function wholeNumber(count: number): string {
  return count.toLocaleString('en-US')
}

function amounts({ micros_usd, tokens, steps }: Amounts): string {
  return `${dollars(micros_usd)}, ${wholeNumber(tokens)} tokens, ${wholeNumber(steps)} steps`
}

/** Describes an event in one line. Texts, arguments and results are contents, and stay in the package. */
export function describeEvent(event: JournalEvent): string {
  if (isAbout(event, 'action')) return describeAction(event)
  if (isAbout(event, 'budget')) return describeBudget(event)
  if (isAbout(event, 'prompt')) return describePrompt(event)
  switch (event.kind) {
    case 'task.submitted':
      return `by ${event.facts.owner} through ${event.facts.dialect}; budget ${amounts(event.facts.budget)}`
    case 'message.added':
      return 'a message from its user'
    case 'run.queued': {
      const { model, policy, capabilities } = event.facts.config
      const may = capabilities.length === 0 ? 'nothing' : capabilities.join(', ')
      return `run ${event.facts.turn} under ${policy.name}, with ${model.provider}/${model.model}; may: ${may}`
    }
    case 'run.claimed':
      return `attempt ${event.facts.attempt} began`
    case 'attempt.lost':
      return `attempt ${event.facts.attempt} ${event.facts.reason.replaceAll('_', ' ')}`
    case 'step.started':
      return `step ${event.facts.step}; ${dollars(event.facts.reserved.micros_usd)} reserved`
    case 'model.responded': {
      const { usage, cost_micros_usd, calls } = event.facts
      const tokens = `${wholeNumber(usage.inputTokens)} tokens in, ${wholeNumber(usage.outputTokens)} out`
      return `${tokens}, ${dollars(cost_micros_usd)}; ${calls} tool ${calls === 1 ? 'call' : 'calls'} wanted`
    }
    case 'model.failed':
      return `${event.facts.code}: ${event.facts.message}${event.facts.will_retry ? ' (tried again)' : ''}`
    case 'model.interrupted':
      return `the call was ended by the server: ${event.facts.reason.replaceAll('_', ' ')}`
    case 'run.waiting':
      return `for ${event.facts.for}`
    case 'run.failed':
    case 'run.blocked':
      return `${event.facts.error.code}: ${event.facts.error.message}`
    case 'run.cancelled':
      return `by ${event.facts.by}`
    case 'task.purged':
      return `${wholeNumber(event.facts.contents)} contents, by ${event.facts.by} (${event.facts.reason})`
    case 'task.hold_placed':
      return `by ${event.facts.by}: ${event.facts.reason}`
    case 'task.hold_lifted':
      return `by ${event.facts.by}`
    case 'run.stop_requested':
    case 'run.stop_withdrawn':
    case 'run.paused':
    case 'run.resumed':
    case 'run.succeeded':
      return ''
    default:
      return unreachable(event)
  }
}

type EventsAbout<S extends EventSubject> = Extract<JournalEvent, { kind: `${S}.${string}` }>

function describePrompt(event: EventsAbout<'prompt'>): string {
  switch (event.kind) {
    case 'prompt.opened': {
      const { prompt_kind, tool } = event.facts
      return tool === null ? `a person is asked: ${prompt_kind}` : `a person is asked: ${prompt_kind} of ${tool}`
    }
    case 'prompt.answered':
      return `${event.facts.outcome} by ${event.facts.by.user}`
    case 'prompt.rejected':
      return `an answer of ${event.facts.by.user} was refused: ${event.facts.message}`
    case 'prompt.expired':
      return `nobody answered in time: ${event.facts.outcome}`
    case 'prompt.withdrawn':
      return event.facts.reason.replaceAll('_', ' ')
    default:
      return unreachable(event)
  }
}

function describeAction(event: EventsAbout<'action'>): string {
  switch (event.kind) {
    case 'action.requested': {
      const again = event.facts.repeats === undefined ? '' : '; repeats what a crash interrupted'
      return `${event.facts.tool} (${event.facts.action})${again}`
    }
    case 'action.decided':
      return `${event.facts.answer}: ${event.facts.rules.join(', ')}`
    case 'action.revoked':
      return `certificate ${event.facts.certificate} by ${event.facts.by}`
    case 'action.settled': {
      const { outcome, duration_ms, cost_micros_usd, labels = [], late } = event.facts
      const brought = labels.length === 0 ? '' : `; brought the labels ${labels.join(', ')}`
      return `${outcome} after ${wholeNumber(duration_ms)} ms, ${dollars(cost_micros_usd)}${brought}${late ? '; late' : ''}`
    }
    default:
      return unreachable(event)
  }
}

function describeBudget(event: EventsAbout<'budget'>): string {
  switch (event.kind) {
    case 'budget.overdrawn': {
      const { of, reserved, used } = event.facts
      const money = `${dollars(used.micros_usd)} used of ${dollars(reserved.micros_usd)} reserved`
      return `${of}: ${money}, ${wholeNumber(used.tokens)} tokens of ${wholeNumber(reserved.tokens)}`
    }
    case 'budget.transferred':
    case 'budget.released':
      return `${amounts(event.facts.amounts)} to ${event.facts.to}`
    case 'budget.returned':
    case 'budget.granted':
      return `${amounts(event.facts.amounts)} from ${event.facts.from}`
    default:
      return unreachable(event)
  }
}

/** Formats an instant for people, to the second. Such texts sort in the order of time. */
export function instant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** Formats an instant for people, to the millisecond. */
export function instantMs(at: number): string {
  return `${new Date(at).toISOString().slice(0, 23).replace('T', ' ')} UTC`
}
