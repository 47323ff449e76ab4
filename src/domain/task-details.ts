import { type Content, purgedPlaceholder, readableText } from './content.ts'
import type { EventOf } from './event.ts'
import type { JsonObject } from './json.ts'

/**
 * What of a task comes from its user: kept as a content under the role `details` of `task.submitted`, and not among its facts,
 * so that a purge takes it along and the digests of the journal say nothing of it.
 */
export interface TaskDetails {
  readonly title: string
  readonly metadata: JsonObject
  /** What a dialect keeps about the task. Its members under `private` go with the contents; the rest stays in the task's row. */
  readonly extension: JsonObject
}

export const purgedDetails: TaskDetails = { title: purgedPlaceholder, metadata: {}, extension: {} }

export function detailsText({ title, metadata, extension }: TaskDetails): string {
  return JSON.stringify({ title, metadata, extension })
}

/** The details of a task by its first event and the content that this refers to; stand-ins where that is gone. */
export function detailsOf(event: EventOf<'task.submitted'>, content: Content | undefined): TaskDetails {
  const text = readableText(content)
  if (text !== undefined) return JSON.parse(text)
  // The first version kept them among the facts.
  const { title, metadata, extension } = event.facts as Partial<TaskDetails>
  if (event.contents['details'] !== undefined || title === undefined) return purgedDetails
  return { title, metadata: metadata ?? {}, extension: extension ?? {} }
}

/** What stays of what a dialect keeps, once the contents are gone. */
export function withoutPrivate(extension: JsonObject): JsonObject {
  const { private: _gone, ...kept } = extension
  return kept
}
