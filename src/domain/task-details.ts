import { type Content, purgedPlaceholder, readableText } from './content.ts'
import type { JsonObject } from './json.ts'

/**
 * The user's part of a task. It is a content under the role `details` of `task.submitted` and not among its facts, so
 * that a purge removes it and the digests of the journal reveal nothing about it.
 */
export interface TaskDetails {
  readonly title: string
  readonly metadata: JsonObject
  /**
   * The dialect's data about the task. Its members under `private` are purged with the contents; the rest stays in the
   * task's row.
   */
  readonly extension: JsonObject
}

/** The details of a purged task. */
export const purgedDetails: TaskDetails = { title: purgedPlaceholder, metadata: {}, extension: {} }

/** The details as the text of their content. */
export function detailsText({ title, metadata, extension }: TaskDetails): string {
  return JSON.stringify({ title, metadata, extension })
}

/** Reads the details from the content that the task's first event refers to. A purged one gives placeholders. */
export function detailsOf(content: Content | undefined): TaskDetails {
  const text = readableText(content)
  return text === undefined ? purgedDetails : JSON.parse(text)
}

/** The part of a dialect's data that stays after a purge. */
export function withoutPrivate(extension: JsonObject): JsonObject {
  const { private: _gone, ...kept } = extension
  return kept
}
