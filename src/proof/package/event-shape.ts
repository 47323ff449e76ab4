import { type EventKind, eventKinds, eventShapes, type JournalEvent } from '../../domain/event.ts'
import { anyObject, type Check, count, digest, id, mapOf, nullable, oneOf, record } from '../../domain/shape.ts'

const factShapes: Readonly<Record<EventKind, Check>> = eventShapes

const envelope = record<JournalEvent>({
  seq: count,
  kind: oneOf(eventKinds),
  run: nullable(id),
  attempt: nullable(count),
  at: count,
  facts: anyObject,
  contents: mapOf(digest),
})

/** Checks an event of a journal, its facts by its kind (domain/event.ts). */
export const eventShape: Check = (value, at) => {
  const problem = envelope(value, at)
  if (problem !== undefined) return problem
  const { kind, facts } = value as JournalEvent // Its kind was just checked.
  return factShapes[kind](facts, `${at}.facts`)
}
