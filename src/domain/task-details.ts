import { type Content, purgedPlaceholder, readableText } from './content.ts'
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

/** The details of a task by the content that its first event refers to; stand-ins where that is gone. */
export function detailsOf(content: Content | undefined): TaskDetails {
  const text = readableText(content)
  return text === undefined ? purgedDetails : JSON.parse(text)
}

/** What stays of what a dialect keeps, once the contents are gone. */
export function withoutPrivate(extension: JsonObject): JsonObject {
  const { private: _gone, ...kept } = extension
  return kept
}
