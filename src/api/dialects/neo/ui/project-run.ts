import { type EventOf, isAbout, type JournalEvent } from '../../../../domain/event.ts'
import type { RunError } from '../../../../domain/task.ts'
import { unreachable } from '../../../../domain/unreachable.ts'
import type { Delta } from '../../../../live/live.ts'
import { instantOf } from '../../../edge/instants.ts'
import { statusOf } from '../states.ts'
import type { LoadedEvent } from './load-events.ts'
import {
  type ActionEvent,
  noCalls,
  type ProjectedCalls,
  projectAction,
  projectPrompt,
  type StepCalls,
} from './project-calls.ts'
import { closeParts, noParts, type StepParts, showDelta, showWhole } from './step-parts.ts'
import type { UiChunk, UiMetadata } from './ui-chunk.ts'

/** The message of one run as far as it has been streamed. */
export interface RunMessage {
  readonly taskId: string
  readonly run: string
  readonly messageId: string
  readonly phase: 'before' | 'open' | 'ended'
  readonly attempt: number
  /** The step that is open in the message, 0 where none is. */
  readonly step: number
  readonly parts: StepParts
  /** The calls of the open step. */
  readonly calls: StepCalls
}

interface Projected {
  readonly state: RunMessage
  readonly chunks: readonly UiChunk[]
}

/**
 * Starts the message of a run. `messageId` is the run's id, but for a client that joins a run in progress: its
 * message holds only the rest of the run.
 */
export function openRunMessage(taskId: string, run: string, messageId: string = run): RunMessage {
  return { taskId, run, messageId, phase: 'before', attempt: 0, step: 0, parts: noParts, calls: noCalls }
}

/**
 * Starts the stream of a client that holds the message up to here, in the same message. What follows is added to it; a
 * second message would appear under any other id.
 */
export function continueRunMessage({ taskId, run, messageId, phase }: RunMessage): readonly UiChunk[] {
  if (phase === 'before') return [] // Its first event starts it.
  return [
    { type: 'start', messageId, messageMetadata: { task_id: taskId, stream_id: run, status: statusOf('running') } },
  ]
}

/**
 * Ends the stream of a run that waits for people: the client answers what is open in the message, and the next stream
 * goes on with it.
 */
export function suspendRunMessage(before: RunMessage): Projected {
  const { state, chunks } = begin(before)
  const closed = state.step === 0 ? [] : ([{ type: 'finish-step' }] as const)
  const messageMetadata = { status: statusOf('waiting') }
  return {
    state: { ...state, phase: 'ended' },
    chunks: [...chunks, ...closed, { type: 'finish', finishReason: 'tool-calls', messageMetadata }],
  }
}

/**
 * Returns the chunks that an event adds to the message. It is pure: the same events give the same chunks for every
 * reader at any time, and deltas in between only show parts of a text earlier. Events of other runs and events after
 * the end add nothing.
 */
export function projectEvent(before: RunMessage, { event, texts }: LoadedEvent): Projected {
  if (before.phase === 'ended' || event.run !== before.run) return { state: before, chunks: [] }
  // The message that starts the run is the user's: the answer to it begins with the run.
  if (event.kind === 'message.added' && before.phase === 'before') return { state: before, chunks: [] }
  const begun = begin(before, event)
  const after = addEvent(begun.state, event, texts)
  return { state: after.state, chunks: [...begun.chunks, ...after.chunks] }
}

/** Returns the chunks that a delta adds to the message once its place is known. */
export function projectDelta(before: RunMessage, delta: Delta): Projected {
  if (before.phase === 'ended' || delta.run !== before.run) return { state: before, chunks: [] }
  if (delta.kind === 'action.progress') return { state: before, chunks: progressChunks(before, delta) }
  const begun = begin(before)
  const stepped = enterStep(begun.state, delta.step)
  const id = `${delta.attempt}.${delta.step}`
  const shown = showDelta(stepped.state.parts, id, delta.kind === 'text.delta' ? 'text' : 'reasoning', delta)
  const state = { ...stepped.state, parts: shown.parts }
  return { state, chunks: [...begun.chunks, ...stepped.chunks, ...shown.chunks] }
}

function begin(state: RunMessage, event?: JournalEvent): Projected {
  if (state.phase !== 'before') return { state, chunks: [] }
  const queued = event?.kind === 'run.queued' ? event : undefined
  const { taskId, run } = state
  const known = queued && { model: modelOf(queued), created_at: instantOf(queued.at), ...noticeOf(queued) }
  const status = statusOf(queued === undefined ? 'running' : 'queued')
  const messageMetadata = { task_id: taskId, stream_id: run, status, ...known }
  return {
    state: { ...state, phase: 'open' },
    chunks: [{ type: 'start', messageId: state.messageId, messageMetadata }],
  }
}

function noticeOf({ facts }: EventOf<'run.queued'>): Pick<UiMetadata, 'notice'> {
  const { notice } = facts.config
  return notice === undefined ? {} : { notice }
}

function modelOf({ facts }: EventOf<'run.queued'>): string {
  const { name, model } = facts.config.model
  return name ?? model
}

function addEvent(state: RunMessage, event: JournalEvent, texts: LoadedEvent['texts']): Projected {
  if (isAbout(event, 'task', 'budget')) return { state, chunks: [] }
  switch (event.kind) {
    case 'message.added':
      return {
        state,
        chunks: [{ type: 'data-user-message', id: `${event.seq}`, data: { text: texts['message'] ?? '' } }],
      }
    case 'run.claimed':
      return { state: { ...state, attempt: event.facts.attempt }, chunks: [status('running')] }
    case 'attempt.lost': {
      const reset = takeBack(state)
      return { ...reset, chunks: [...reset.chunks, status('queued')] }
    }
    case 'run.waiting':
    case 'run.paused':
      return { state, chunks: [status('suspended')] }
    case 'run.resumed':
      return { state, chunks: [status('queued')] }
    case 'step.started':
      return enterStep(state, event.facts.step)
    case 'model.failed':
      return event.facts.will_retry ? takeBack(state) : closeStep(state)
    case 'model.interrupted':
      // A response that a person stopped stays as it is. Otherwise the model is called again, or the end of the run
      // closes the step.
      return event.facts.reason === 'stopped' ? respond(state, event, texts) : takeBack(state)
    case 'model.responded':
      return respond(state, event, texts)
    case 'action.requested':
    case 'action.decided':
    case 'action.settled':
      return addAction(state, event, texts)
    case 'run.succeeded':
    case 'run.failed':
    case 'run.blocked':
    case 'run.cancelled':
      return endRun(state, event)
    case 'prompt.opened':
    case 'prompt.answered':
    case 'prompt.expired':
      return withCalls(state, [], projectPrompt(state.calls, event, texts))
    case 'prompt.rejected':
    case 'prompt.withdrawn': // The end of the run, which withdraws it, closes its call.
    case 'run.queued':
    case 'run.stop_requested':
    case 'run.stop_withdrawn':
    case 'action.revoked':
      return { state, chunks: [] }
    default:
      return unreachable(event)
  }
}

function status(word: string): UiChunk {
  return { type: 'message-metadata', messageMetadata: { status: word } }
}

/** Opens a step, unless it is open already, and closes the one before. */
function enterStep(state: RunMessage, step: number): Projected {
  if (state.step === step) return { state, chunks: [] }
  const closed = state.step === 0 ? [] : ([{ type: 'finish-step' }] as const)
  return { state: { ...state, step, parts: noParts, calls: noCalls }, chunks: [...closed, { type: 'start-step' }] }
}

/** Takes back the shown part of a response that was lost: the model is called again and may answer differently. */
function takeBack(state: RunMessage): Projected {
  if (state.parts === noParts) return { state, chunks: [] }
  return { state: { ...state, parts: noParts }, chunks: [{ type: 'reset-step' }] }
}

function closeStep(state: RunMessage): Projected {
  return { state: { ...state, parts: noParts }, chunks: closeParts(state.parts) }
}

function respond(
  before: RunMessage,
  { facts, attempt }: EventOf<'model.responded'> | EventOf<'model.interrupted'>,
  texts: LoadedEvent['texts'],
): Projected {
  const { state, chunks } = enterStep(before, facts.step)
  const whole = showWhole(state.parts, `${attempt}.${facts.step}`, texts)
  return { state: { ...state, parts: noParts }, chunks: [...chunks, ...whole] }
}

/** Shows the call of an action in its step, or what became of it. */
function addAction(before: RunMessage, event: ActionEvent, texts: LoadedEvent['texts']): Projected {
  const { state, chunks } = event.kind === 'action.requested' ? enterStep(before, event.facts.step) : nothing(before)
  return withCalls(state, chunks, projectAction(state.calls, event, texts))
}

function withCalls(state: RunMessage, before: readonly UiChunk[], { calls, chunks }: ProjectedCalls): Projected {
  return { state: { ...state, calls }, chunks: [...before, ...chunks] }
}

function nothing(state: RunMessage): Projected {
  return { state, chunks: [] }
}

function progressChunks(state: RunMessage, { action, text }: Delta): UiChunk[] {
  if (action === null || !state.calls.open.has(action)) return []
  return [{ type: 'data-tool-progress', id: action, data: { toolCallId: action, text }, transient: true }]
}

type EndEvent = Extract<JournalEvent, { kind: `run.${'succeeded' | 'failed' | 'blocked' | 'cancelled'}` }>

function endRun(state: RunMessage, event: EndEvent): Projected {
  const ends = endChunks(event)
  const interrupted = [...state.calls.open.keys()].map(
    (toolCallId): UiChunk => ({ type: 'tool-output-error', toolCallId, errorText: 'The task ended before it came.' }),
  )
  const closed: UiChunk[] = [...closeParts(state.parts), ...interrupted]
  if (state.step > 0) closed.push({ type: 'finish-step' })
  return {
    state: { ...state, phase: 'ended', parts: noParts, calls: noCalls },
    chunks: [...closed, ...ends],
  }
}

function endChunks(event: EndEvent): UiChunk[] {
  const completed_at = instantOf(event.at)
  const metadata = (state: 'succeeded' | 'failed' | 'cancelled'): UiMetadata => ({
    status: statusOf(state),
    completed_at,
  })
  switch (event.kind) {
    case 'run.succeeded':
      return [{ type: 'finish', finishReason: 'stop', messageMetadata: metadata('succeeded') }]
    case 'run.failed':
    case 'run.blocked':
      return failure(event.facts.error, metadata('failed'))
    case 'run.cancelled':
      return [
        { type: 'message-metadata', messageMetadata: metadata('cancelled') },
        { type: 'abort', reason: 'The task was cancelled.' },
      ]
    default:
      return unreachable(event)
  }
}

/** The metadata come first, because some readers end at the error. */
function failure({ message }: RunError, messageMetadata: UiMetadata): UiChunk[] {
  return [
    { type: 'message-metadata', messageMetadata },
    { type: 'error', errorText: message },
    { type: 'finish', finishReason: 'error', messageMetadata },
  ]
}
