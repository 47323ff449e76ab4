import type { JournalEvent } from '../../../domain/event.ts'
import type { TaskSnapshot } from '../../../domain/evolve.ts'
import type { Delta } from '../../../live/live.ts'
import type { Store } from '../../../store/store.ts'
import { deltaFrame, eventFrame } from '../../stream/sse-frame.ts'
import type { StreamWords } from '../../stream/task-stream.ts'
import { foldStep, messageIdOf, type Told, type Trace } from './steps/fold-steps.ts'
import type { CutText } from './steps/present-step.ts'
import { type Contents, contentsOfStep, presentStep, textOf } from './steps/present-step.ts'

/**
 * The frames of a stream. `trace` is where the reader stands, and is carried on. The last frame of an event has the event's
 * seq as its id, so that a reader that was cut between two of them is given both again.
 */
export function eventWords(store: Store, { task, run }: TaskSnapshot, trace: Trace): StreamWords {
  return {
    async events(events) {
      const told = events.map((event) => {
        const past = event.seq <= task.lastSeq && event.run !== run.id
        return foldStep(trace, event).map((one) => (past ? asPast(one) : one))
      })
      const contents = await store.readContents(told.flat().flatMap(contentsOf))
      return events.map((event, at) => framesOf(event, told[at] ?? [], contents))
    },
    delta: createDeltaWords(),
  }
}

/** The end of a turn that another has followed is not the end of the task, at which clients close. */
function asPast(told: Told): Told {
  return told.type === 'task.completed' ? { type: 'task.status', status: told.status } : told
}

function contentsOf(told: Told) {
  if ('step' in told) return contentsOfStep(told.step)
  return told.type === 'task.completed' && told.output !== undefined ? [told.output] : []
}

function framesOf({ seq }: JournalEvent, told: readonly Told[], contents: Contents): string {
  return told
    .map((one, at) => {
      const data = JSON.stringify(dataOf(one, contents))
      return at === told.length - 1 ? eventFrame(seq, one.type, data) : deltaFrame(one.type, data)
    })
    .join('')
}

/** Compact JSON; a text of more than 64 KiB is cut, and the frame says so. */
function dataOf(told: Told, contents: Contents): object {
  if (told.type === 'task.status') return { status: told.status }
  if (told.type === 'task.completed') {
    const { status, output, error } = told
    if (output === undefined) return { status, output: null, error }
    const { text, truncated } = cutText(textOf(contents, output))
    return { status, output: text, error, ...(truncated && { truncated }) }
  }
  const step = presentStep(told.step, contents, cutText)
  if (told.type !== 'message.completed' || step.type !== 'message') return { step }
  const { content, truncated } = step.data
  return { message_id: step.id, content, ...(truncated && { truncated }) }
}

/** The first frame of every stream: how the task stands where the reader stands. */
export function statusFrame(seq: number, { status }: Trace): string {
  return eventFrame(seq, 'task.status', JSON.stringify({ status }))
}

/** Said to who comes after the end. */
export function completedFrame(
  seq: number,
  task: { status: string; output: string | null; error: string | null },
): string {
  const { text, truncated } = cutText(task.output ?? '')
  const output = task.output === null ? null : text
  const data = { status: task.status, output, error: task.error, ...(truncated && { truncated }) }
  return eventFrame(seq, 'task.completed', JSON.stringify(data))
}

export function errorFrame(code: 'unauthorized' | 'stream_expired', message: string): string {
  return deltaFrame('stream.error', JSON.stringify({ code, message }))
}

/**
 * The deltas of a text as frames that a client may simply put one after the other. What a snapshot repeats is left out. A
 * text that begins anew (its model call is tried again) is not shown as it comes: `message.completed` brings the whole.
 */
export function createDeltaWords(): (delta: Delta) => string {
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

/** At most 64 KiB of a text as UTF-8, without half a character at its end. */
export function cutText(text: string): CutText {
  // No character takes more than three bytes for each of its UTF-16 units.
  if (text.length * 3 <= textBytesMax) return { text, truncated: false }
  const bytes = Buffer.from(text)
  if (bytes.length <= textBytesMax) return { text, truncated: false }
  let end = textBytesMax
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return { text: bytes.subarray(0, end).toString(), truncated: true }
}
