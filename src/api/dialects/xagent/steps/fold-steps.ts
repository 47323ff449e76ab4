import type { Digest } from '../../../../domain/content.ts'
import { type EventOf, type EventSubject, isAbout, type JournalEvent } from '../../../../domain/event.ts'
import type { PromptKind } from '../../../../domain/prompt.ts'
import { unreachable } from '../../../../domain/unreachable.ts'
import type { StepStatus } from '../contract/step.ts'
import type { TaskStatus } from '../contract/task.ts'
import { cancelledMessage } from '../states.ts'

/** A step with the digests of its texts. */
export interface StepRecord {
  readonly id: string
  readonly status: StepStatus
  readonly startedAt: number
  readonly completedAt: number | null
  readonly what:
    | { readonly type: 'thinking' }
    | {
        readonly type: 'tool_call'
        readonly name: string
        readonly args: Digest | undefined
        readonly outcome: Digest | undefined
      }
    | { readonly type: 'message'; readonly role: 'user' | 'assistant'; readonly content: Digest | undefined }
}

/** An event that an Xagent client gets. One event of the journal may give several, or none. */
export type ClientEvent =
  | { readonly type: 'step.started' | 'step.completed' | 'message.completed'; readonly step: StepRecord }
  | { readonly type: 'task.status'; readonly status: TaskStatus }
  | {
      readonly type: 'task.completed'
      readonly status: 'completed' | 'failed'
      readonly output: Digest | undefined
      readonly error: string | null
    }

/** The fold of a journal up to one of its events. */
export interface Trace {
  status: TaskStatus
  /** The steps that have begun and not ended. */
  readonly open: Map<string, StepRecord>
  /** The step of each action that has not ended, by action. */
  readonly steps: Map<string, string>
  readonly callIds: Set<string>
  /** The prompts that are open, in the order in which they were opened. */
  readonly prompts: Map<string, PromptRecord>
}

/** A prompt with the digest of what it asks. */
export interface PromptRecord {
  readonly kind: PromptKind
  readonly tool: string | null
  readonly payload: Digest | undefined
}

/** Creates the fold of no events. */
export function emptyTrace(): Trace {
  return { status: 'running', open: new Map(), steps: new Map(), callIds: new Set(), prompts: new Map() }
}

/** Makes the id under which a message of the assistant is streamed, completed and listed. */
export function messageIdOf(run: string | null, step: number): string {
  return `message:${run}:${step}`
}

/** Adds the next event to the fold and returns the events that clients get. An end without a beginning gives none. */
export function foldStep(trace: Trace, event: JournalEvent): ClientEvent[] {
  if (isAbout(event, 'run')) return foldState(trace, event)
  if (isAbout(event, 'prompt')) return foldPrompt(trace, event)
  if (isAbout(event, 'task', 'budget', 'attempt')) return []
  switch (event.kind) {
    case 'message.added':
      return [{ type: 'step.completed', step: message(`message:${event.seq}`, 'user', event, 'message') }]
    case 'step.started':
      return begin(trace, `thinking:${event.run}:${event.facts.step}`, event.at, { type: 'thinking' })
    case 'model.responded':
      return [
        ...end(trace, `thinking:${event.run}:${event.facts.step}`, event.at, 'completed'),
        ...completeMessage(event),
      ]
    case 'model.failed':
      if (event.facts.will_retry) return []
      return end(trace, `thinking:${event.run}:${event.facts.step}`, event.at, 'failed')
    case 'action.requested':
      return request(trace, event)
    case 'action.settled':
      return settle(trace, event)
    // A model call that the server interrupted is made again, or the end of the run ends its step.
    case 'model.interrupted':
    case 'action.decided':
    case 'action.revoked':
      return []
    default:
      return unreachable(event)
  }
}

/** What is asked is told once the run waits, and not by the prompt itself. */
function foldPrompt({ prompts }: Trace, event: EventsAbout<'prompt'>): ClientEvent[] {
  switch (event.kind) {
    case 'prompt.opened': {
      const { prompt, prompt_kind: kind, tool } = event.facts
      prompts.set(prompt, { kind, tool, payload: event.contents['payload'] })
      return []
    }
    case 'prompt.answered':
    case 'prompt.expired':
    case 'prompt.withdrawn':
      prompts.delete(event.facts.prompt)
      return []
    case 'prompt.rejected':
      return []
    default:
      return unreachable(event)
  }
}

type EventsAbout<S extends EventSubject> = Extract<JournalEvent, { kind: `${S}.${string}` }>

function completeMessage(event: EventOf<'model.responded'>): ClientEvent[] {
  if (event.contents['text'] === undefined) return []
  const id = messageIdOf(event.run, event.facts.step)
  return [{ type: 'message.completed', step: message(id, 'assistant', event, 'text') }]
}

function message(id: string, role: 'user' | 'assistant', event: JournalEvent, content: string): StepRecord {
  const what = { type: 'message', role, content: event.contents[content] } as const
  return { id, status: 'completed', startedAt: event.at, completedAt: event.at, what }
}

function begin(trace: Trace, id: string, at: number, what: StepRecord['what']): ClientEvent[] {
  // A step that begins again after a crash is the same step to clients.
  if (trace.open.has(id)) return []
  const step: StepRecord = { id, status: 'running', startedAt: at, completedAt: null, what }
  trace.open.set(id, step)
  return [{ type: 'step.started', step }]
}

function end(trace: Trace, id: string, at: number, status: StepStatus, what?: StepRecord['what']): ClientEvent[] {
  const step = trace.open.get(id)
  if (step === undefined) return []
  trace.open.delete(id)
  return [{ type: 'step.completed', step: { ...step, status, completedAt: at, what: what ?? step.what } }]
}

function request(trace: Trace, { facts, contents, at }: EventOf<'action.requested'>): ClientEvent[] {
  const before = trace.steps.get(facts.repeats ?? '')
  if (facts.repeats !== undefined && before !== undefined) {
    trace.steps.delete(facts.repeats)
    trace.steps.set(facts.action, before)
    return []
  }
  // A provider may use the same call id twice; the id of a step is unique.
  const id = `tool_call:${trace.callIds.has(facts.call) ? `${facts.call}:${facts.action}` : facts.call}`
  trace.callIds.add(facts.call)
  trace.steps.set(facts.action, id)
  return begin(trace, id, at, { type: 'tool_call', name: facts.tool, args: contents['arguments'], outcome: undefined })
}

function settle(trace: Trace, { facts, contents, at }: EventOf<'action.settled'>): ClientEvent[] {
  const outcome = contents['result']
  // A call that a crash interrupted is made again, so that its step goes on. The end of the run ends the step of a
  // call that a cancellation interrupted.
  if (facts.outcome === 'unknown' && outcome === undefined) return []
  const id = trace.steps.get(facts.action) ?? ''
  trace.steps.delete(facts.action)
  const step = trace.open.get(id)
  if (step?.what.type !== 'tool_call') return []
  return end(trace, id, at, facts.outcome === 'settled' ? 'completed' : 'failed', { ...step.what, outcome })
}

type RunEvent = EventsAbout<'run'>

function foldState(trace: Trace, event: RunEvent): ClientEvent[] {
  switch (event.kind) {
    case 'run.queued':
    case 'run.resumed':
      return turnTo(trace, 'running')
    case 'run.waiting':
      return turnTo(trace, 'waiting_for_user')
    case 'run.paused':
      return turnTo(trace, 'paused')
    case 'run.claimed':
    case 'run.stop_requested':
    case 'run.stop_withdrawn':
      return []
    default:
      return endTurn(trace, event, endOf(event))
  }
}

function endTurn(trace: Trace, event: EndEvent, end: End): ClientEvent[] {
  trace.status = end.status
  trace.steps.clear()
  const interrupted = [...trace.open.keys()].flatMap((id) => endOpen(trace, id, event.at))
  return [...interrupted, { type: 'task.completed', ...end }]
}

function endOpen(trace: Trace, id: string, at: number): ClientEvent[] {
  return end(trace, id, at, 'failed')
}

function turnTo(trace: Trace, status: TaskStatus): ClientEvent[] {
  if (status === trace.status) return []
  trace.status = status
  return [{ type: 'task.status', status }]
}

type End = Omit<Extract<ClientEvent, { type: 'task.completed' }>, 'type'>

type EndEvent = Extract<JournalEvent, { kind: `run.${'succeeded' | 'failed' | 'blocked' | 'cancelled'}` }>

function endOf(event: EndEvent): End {
  const output = event.contents['result']
  switch (event.kind) {
    case 'run.succeeded':
      return { status: 'completed', output, error: null }
    case 'run.failed':
    case 'run.blocked':
      return { status: 'failed', output, error: event.facts.error.message }
    case 'run.cancelled':
      return { status: 'failed', output, error: cancelledMessage }
    default:
      return unreachable(event)
  }
}
