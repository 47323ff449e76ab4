import {
  type Content,
  type Digest,
  purgedPlaceholder,
  readableText,
  sealedPlaceholder,
} from '../../../../domain/content.ts'
import type { JournalEvent } from '../../../../domain/event.ts'
import type { Store } from '../../../../store/store.ts'

/** An event with its texts by role. A text that cannot be read is its placeholder. */
export interface LoadedEvent {
  readonly event: JournalEvent
  readonly texts: Readonly<Record<string, string>>
}

/** The roles that are shown to readers. The verbatim output of the provider is not among them. */
const shownRoles = ['message', 'text', 'reasoning', 'arguments', 'payload', 'answer']

/** Reads the contents of these events, all at once. */
export async function loadEvents(store: Store, events: readonly JournalEvent[]): Promise<LoadedEvent[]> {
  const digests = events.flatMap((event) => rolesOf(event).map((role) => event.contents[role] ?? ''))
  const contents: ReadonlyMap<Digest, Content> = digests.length === 0 ? new Map() : await store.readContents(digests)
  const textOf = (content: Content | undefined) =>
    readableText(content) ?? (content === undefined ? purgedPlaceholder : sealedPlaceholder)
  return events.map((event) => ({
    event,
    texts: Object.fromEntries(rolesOf(event).map((role) => [role, textOf(contents.get(event.contents[role] ?? ''))])),
  }))
}

/** The result of a run is left out, because it repeats its last text. */
function rolesOf({ kind, contents }: JournalEvent): string[] {
  const roles = kind === 'action.settled' ? ['result'] : shownRoles
  return roles.filter((role) => contents[role] !== undefined)
}
