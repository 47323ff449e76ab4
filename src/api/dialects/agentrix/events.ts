import type { Static } from 'typebox'
import type { Content, Digest } from '../../../domain/content.ts'
import type { EventOf, JournalEvent } from '../../../domain/event.ts'
import { shownEvents } from '../../../domain/private-facts.ts'
import type { Task } from '../../../domain/task.ts'
import type { AccessedTask } from '../../../engine/access/read-task.ts'
import type { Store } from '../../../store/store.ts'
import { instantOf } from '../../edge/instants.ts'
import { findOpened, questionsIn, settlesPrompt } from './ask-user.ts'
import type { EventSchema } from './contract/event.ts'
import { extensionOf } from './extension.ts'
import { showId } from './ids.ts'
import { type Message, messageOf } from './message.ts'

/** An event as Agentrix shows it; every event of the journal is shown. */
export type EventView = Omit<Static<typeof EventSchema>, 'eventData'> & {
  readonly eventData: { readonly message: Message } | { readonly encryptedMessage: string }
}

const shownRoles = ['message', 'text', 'reasoning', 'arguments', 'result', 'payload', 'answer']

/**
 * Reads events with their texts, in the order given. The verbatim output of the provider and the input of the guard
 * are not shown.
 */
export async function readEventViews(
  store: Store,
  { task, access }: Pick<AccessedTask, 'task' | 'access'>,
  journaled: readonly JournalEvent[],
): Promise<EventView[]> {
  const events = shownEvents(journaled, access)
  const opened = await findOpened(store, task.id, events)
  const digests = [...events, ...opened.values()].flatMap(({ contents }) =>
    shownRoles.flatMap((role) => contents[role] ?? []),
  )
  const contents = digests.length === 0 ? new Map<Digest, Content>() : await store.readContents(digests)
  const chatId = showId('chat', extensionOf(task).chatId)
  return events.map((event) => {
    const question = questionOf(event, opened)
    return {
      ...eventView(task, chatId, event),
      ...opCodeOf(task, event, question),
      eventData: dataOf(event, contents, question),
    }
  })
}

type QuestionEvent = EventOf<'prompt.opened'>

/** The event that asked the question which this event is about. What is to be approved is shown as any other event. */
function questionOf(event: JournalEvent, opened: ReadonlyMap<string, QuestionEvent>): QuestionEvent | undefined {
  const asked = settlesPrompt(event) ? opened.get(event.facts.prompt) : event
  return asked?.kind === 'prompt.opened' && asked.facts.prompt_kind === 'question' ? asked : undefined
}

function opCodeOf(task: Task, event: JournalEvent, question: QuestionEvent | undefined): Pick<EventView, 'opCode'> {
  return question === undefined || question === event ? {} : { opCode: eventIdOf(task, question) }
}

function eventIdOf({ id }: Task, { seq }: JournalEvent): string {
  return `event-${id}-${sequenceOf(seq)}`
}

/** Converts the seq of an event to a sequence: a sequence counts from 0, the journal from 1. */
export const sequenceOf = (seq: number): number => seq - 1
/** Converts a sequence back to the seq of the journal. */
export const seqOf = (sequence: number): number => sequence + 1

function eventView(task: Task, chatId: string, event: JournalEvent): Omit<EventView, 'eventData'> {
  const sequence = sequenceOf(event.seq)
  const id = eventIdOf(task, event)
  return {
    id,
    taskId: showId('task', task.id),
    chatId,
    eventId: id,
    sequence,
    eventType: 'task-message',
    createdAt: instantOf(event.at),
  }
}

function dataOf(
  event: JournalEvent,
  contents: ReadonlyMap<Digest, Content>,
  question: QuestionEvent | undefined,
): EventView['eventData'] {
  const sealed = Object.values(event.contents)
    .map((digest) => contents.get(digest))
    .find((content) => content?.sealed)
  const questions = question && questionsIn(contents.get(question.contents['payload'] ?? ''))
  if (sealed === undefined) {
    return { message: messageOf(event, (role) => contents.get(event.contents[role] ?? ''), questions) }
  }
  return { encryptedMessage: Buffer.from(sealed.body).toString('base64') }
}

const pageSizeDefault = 50

/** A range of events and the most to be read of it, 50 where `limit` is left out. */
export interface EventRange {
  readonly limit?: number
  /** Both bounds are sequences, and both are exclusive. */
  readonly before?: number
  readonly after?: number
}

/** Reads the newest events of a range, newest first, and tells whether the range has older ones. */
export async function readEventPage(
  store: Store,
  { task, access }: AccessedTask,
  { limit = pageSizeDefault, before, after }: EventRange,
): Promise<{ events: EventView[]; hasMore: boolean }> {
  const oldest = after === undefined ? 1 : seqOf(after) + 1
  const newest = Math.min(task.lastSeq, before === undefined ? task.lastSeq : seqOf(before) - 1)
  const first = Math.max(oldest, newest - limit + 1)
  const events = first > newest ? [] : await store.readEvents(task.id, first - 1, newest - first + 1)
  const views = await readEventViews(store, { task, access }, events)
  return { events: views.reverse(), hasMore: first > oldest }
}

/** Reads the events of these sequences, each once and in order. Sequences that do not exist are left out. */
export async function readSequences(
  store: Store,
  { task, access }: AccessedTask,
  sequences: readonly number[],
): Promise<EventView[]> {
  const seqs = [...new Set(sequences.map(seqOf))].filter((seq) => seq <= task.lastSeq).sort((a, b) => a - b)
  const pages = runsOf(seqs).map(([first, count]) => store.readEvents(task.id, first - 1, count))
  return readEventViews(store, { task, access }, (await Promise.all(pages)).flat())
}

/** Groups ascending numbers into stretches without a hole: where each begins and how long it is. */
function runsOf(numbers: readonly number[]): (readonly [first: number, count: number])[] {
  const stretches: (readonly [number, number])[] = []
  for (const number of numbers) {
    const last = stretches.at(-1)
    if (last !== undefined && last[0] + last[1] === number) stretches[stretches.length - 1] = [last[0], last[1] + 1]
    else stretches.push([number, 1])
  }
  return stretches
}
