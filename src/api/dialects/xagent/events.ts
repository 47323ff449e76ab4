import type { Digest } from '../../../domain/content.ts'
import type { JournalEvent } from '../../../domain/event.ts'
import type { TaskSnapshot } from '../../../domain/evolve.ts'
import { itemsOf } from '../../../engine/queries/read-open-prompts.ts'
import type { Delta } from '../../../live/live.ts'
import type { Store } from '../../../store/store.ts'
import { deltaFrame, eventFrame } from '../../stream/sse-frame.ts'
import type { EventFormatter } from '../../stream/task-stream.ts'
import { questionTextOf } from './interactions.ts'
import { type ClientEvent, foldStep, messageIdOf, type PromptRecord, type Trace } from './steps/fold-steps.ts'
import type { CutText } from './steps/present-step.ts'
import { type Contents, contentsOfStep, presentStep, textOf } from './steps/present-step.ts'

/** An event of a stream: a client event, or that the task waits for its user, with what it asks. */
type StreamEvent = ClientEvent | { readonly type: 'task.input_required'; readonly asked: readonly PromptRecord[] }

/**
 * Whether a stream concludes after this event, because the task waits for its user. Waits that were over when the stream was
 * opened conclude nothing.
 */
export function concludesAt({ task, run }: TaskSnapshot): (event: JournalEvent) => boolean {
  return ({ seq, kind }) =>
    seq > task.lastSeq ? kind === 'run.waiting' : seq === task.lastSeq && run.state === 'waiting'
}

/**
 * Writes the frames of a stream. `trace` is the fold up to the reader's place, and is carried on. The last frame of
 * an event has the seq of the event as its id, so that a reader that was disconnected between two frames gets both
 * again.
 */
export function createEventFormatter(store: Store, snapshot: TaskSnapshot, trace: Trace): EventFormatter {
  const { task, run } = snapshot
  const concludes = concludesAt(snapshot)
  return {
    async events(events) {
      const clientEvents = events.map((event): StreamEvent[] => {
        const past = event.seq <= task.lastSeq && event.run !== run.id
        const told = foldStep(trace, event).map((one) => (past ? asPast(one) : one))
        return concludes(event) ? [...told, inputRequired(trace)] : told
      })
      const contents = await store.readContents(clientEvents.flat().flatMap(contentsOf))
      return events.map((event, at) => framesOf(task.number, event, clientEvents[at] ?? [], contents))
    },
    delta: createDeltaFormatter(),
  }
}

/** Shows the end of an earlier turn as a status only, because clients disconnect at the end of a task. */
function asPast(event: ClientEvent): ClientEvent {
  return event.type === 'task.completed' ? { type: 'task.status', status: event.status } : event
}

function inputRequired({ prompts }: Trace): StreamEvent {
  return { type: 'task.input_required', asked: [...prompts.values()] }
}

function contentsOf(event: StreamEvent) {
  if ('step' in event) return contentsOfStep(event.step)
  if (event.type === 'task.input_required') return payloadsOf(event.asked)
  return event.type === 'task.completed' && event.output !== undefined ? [event.output] : []
}

function payloadsOf(asked: readonly PromptRecord[]): Digest[] {
  return asked.flatMap(({ payload }) => (payload === undefined ? [] : [payload]))
}

function framesOf(
  task: number,
  { seq }: JournalEvent,
  clientEvents: readonly StreamEvent[],
  contents: Contents,
): string {
  return clientEvents
    .map((one, at) => {
      const data = JSON.stringify(
        one.type === 'task.input_required' ? inputData(task, one.asked, contents) : dataOf(one, contents),
      )
      return at === clientEvents.length - 1 ? eventFrame(seq, one.type, data) : deltaFrame(one.type, data)
    })
    .join('')
}

/**
 * Returns the data of a frame, which is compact JSON. A text of more than 64 KiB is truncated, and the frame is
 * marked.
 */
function dataOf(event: ClientEvent, contents: Contents): object {
  if (event.type === 'task.status') return { status: event.status }
  if (event.type === 'task.completed') {
    const { status, output, error } = event
    if (output === undefined) return { status, output: null, error }
    const { text, truncated } = cutText(textOf(contents, output))
    return { status, output: text, error, ...(truncated && { truncated }) }
  }
  const step = presentStep(event.step, contents, cutText)
  if (event.type !== 'message.completed' || step.type !== 'message') return { step }
  const { content, truncated } = step.data
  return { message_id: step.id, content, ...(truncated && { truncated }) }
}

/** Returns the data of `task.input_required`: what is asked, as one text and in full. */
function inputData(task: number, asked: readonly PromptRecord[], contents: Contents): object {
  const open = asked.map(({ kind, tool, payload }) => ({
    prompt: { kind, tool },
    items: itemsOf(kind, contents.get(payload ?? '')),
  }))
  return { task_id: task, prompt: open.length === 0 ? null : questionTextOf(open) }
}

/** Writes the frame for a reader that connects while the task waits for its user. */
export async function inputRequiredFrame(store: Store, { task }: TaskSnapshot, { prompts }: Trace): Promise<string> {
  const asked = [...prompts.values()]
  const contents = await store.readContents(payloadsOf(asked))
  return eventFrame(task.lastSeq, 'task.input_required', JSON.stringify(inputData(task.number, asked, contents)))
}

/** Writes the first frame of every stream: the status of the task at the reader's place. */
export function statusFrame(seq: number, { status }: Trace): string {
  return eventFrame(seq, 'task.status', JSON.stringify({ status }))
}

/** Writes the frame for a reader that connects after the end of the task. */
export function completedFrame(
  seq: number,
  task: { status: string; output: string | null; error: string | null },
): string {
  const { text, truncated } = cutText(task.output ?? '')
  const output = task.output === null ? null : text
  const data = { status: task.status, output, error: task.error, ...(truncated && { truncated }) }
  return eventFrame(seq, 'task.completed', JSON.stringify(data))
}

/** Writes the last frame of a stream that ends before the task does. It has no id. */
export function errorFrame(code: 'unauthorized' | 'stream_expired', message: string): string {
  return deltaFrame('stream.error', JSON.stringify({ code, message }))
}

/**
 * Writes the deltas of a text as frames that a client can simply concatenate. The repeated part of a snapshot is left
 * out. A text that begins anew, because its model call is retried, is not streamed: `message.completed` brings the
 * whole.
 */
export function createDeltaFormatter(): (delta: Delta) => string {
  let shown = { id: '', attempt: 0, index: -1, chars: 0, abandoned: false }
  return ({ kind, run, attempt, step, index, text, snapshot }) => {
    if (kind !== 'text.delta') return ''
    const id = messageIdOf(run, step)
    if (shown.id !== id) shown = { id, attempt, index: -1, chars: 0, abandoned: false }
    if (shown.attempt !== attempt || (!snapshot && index <= shown.index)) shown.abandoned = true
    if (shown.abandoned) return ''
    const more = snapshot ? text.slice(shown.chars) : text
    shown.index = index
    shown.chars += more.length
    if (more === '') return ''
    const cut = cutText(more)
    const data = { message_id: id, text: cut.text, ...(cut.truncated && { truncated: true }) }
    return deltaFrame('message.delta', JSON.stringify(data))
  }
}

const textBytesMax = 64 * 1024

/** Truncates a text to 64 KiB of UTF-8, without half a character at its end. */
export function cutText(text: string): CutText {
  // No character takes more than three bytes for each of its UTF-16 units.
  if (text.length * 3 <= textBytesMax) return { text, truncated: false }
  const bytes = Buffer.from(text)
  if (bytes.length <= textBytesMax) return { text, truncated: false }
  let end = textBytesMax
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return { text: bytes.subarray(0, end).toString(), truncated: true }
}
