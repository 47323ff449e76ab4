import type { Static } from 'typebox'
import type { Content, Digest } from '../../../domain/content.ts'
import type { JournalEvent } from '../../../domain/event.ts'
import { shownEvents } from '../../../domain/private-facts.ts'
import type { Task } from '../../../domain/task.ts'
import type { AccessedTask } from '../../../engine/access/read-task.ts'
import type { Store } from '../../../store/store.ts'
import { instantOf } from '../../edge/instants.ts'
import type { EventSchema } from './contract/event.ts'
import { showId } from './ids.ts'
import { type Message, messageOf } from './message-of.ts'
import { extensionOf } from './task-extension.ts'

/** An event as Agentrix shows it; every event of the journal is shown. */
export type EventView = Omit<Static<typeof EventSchema>, 'eventData'> & {
  readonly eventData: { readonly message: Message } | { readonly encryptedMessage: string }
}

const shownRoles = ['message', 'text', 'reasoning', 'arguments', 'result']

/** Events with the texts they speak of, in the order given. What the provider sent verbatim and what the guard looked at are not shown. */
export async function readEventViews(
  store: Store,
  { task, access }: Pick<AccessedTask, 'task' | 'access'>,
  journaled: readonly JournalEvent[],
): Promise<EventView[]> {
  const events = shownEvents(journaled, access)
  const digests = events.flatMap(({ contents }) => shownRoles.flatMap((role) => contents[role] ?? []))
  const contents = digests.length === 0 ? new Map<Digest, Content>() : await store.readContents(digests)
  const chatId = showId('chat', extensionOf(task).chatId)
  return events.map((event) => eventView(task, chatId, event, contents))
}

/** `sequence` counts from 0, the journal from 1. */
export const sequenceOf = (seq: number): number => seq - 1
export const seqOf = (sequence: number): number => sequence + 1

function eventView(task: Task, chatId: string, event: JournalEvent, contents: ReadonlyMap<Digest, Content>): EventView {
  const sequence = sequenceOf(event.seq)
  const id = `event-${task.id}-${sequence}`
  return {
    id,
    taskId: showId('task', task.id),
    chatId,
    eventId: id,
    sequence,
    eventType: 'task-message',
    eventData: dataOf(event, contents),
    createdAt: instantOf(event.at),
  }
}

function dataOf(event: JournalEvent, contents: ReadonlyMap<Digest, Content>): EventView['eventData'] {
  const sealed = Object.values(event.contents)
    .map((digest) => contents.get(digest))
    .find((content) => content?.sealed)
  if (sealed === undefined) return { message: messageOf(event, (role) => contents.get(event.contents[role] ?? '')) }
  return { encryptedMessage: Buffer.from(sealed.body).toString('base64') }
}
