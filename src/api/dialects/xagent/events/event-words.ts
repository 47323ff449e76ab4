import type { JournalEvent } from '../../../../domain/event.ts'
import type { TaskSnapshot } from '../../../../domain/evolve.ts'
import type { Store } from '../../../../store/store.ts'
import { deltaFrame, eventFrame } from '../../../stream/sse-frame.ts'
import type { StreamWords } from '../../../stream/task-stream.ts'
import { foldStep, type Told, type Trace } from '../steps/fold-steps.ts'
import { type Contents, contentsOfStep, presentStep, textOf } from '../steps/present-step.ts'
import { cutText } from './cut-text.ts'
import { createDeltaWords } from './delta-words.ts'

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
