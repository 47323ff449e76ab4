import type { Content, Digest } from '../../domain/content.ts'
import type { EventOf, JournalEvent } from '../../domain/event.ts'
import { shownEvents } from '../../domain/private-facts.ts'
import type { TaskAccess } from '../../domain/task-access.ts'
import { detailsOf } from '../../domain/task-details.ts'
import { unreachable } from '../../domain/unreachable.ts'
import type { Delta } from '../../live/live.ts'
import type { Store } from '../../store/store.ts'
import { instantOf, instantOrNull } from '../edge/instants.ts'
import type { DeltaView } from './contract/delta.ts'
import type { EventView } from './contract/event.ts'
import type { Readable } from './contract/sealed.ts'
import { usageView } from './present-values.ts'

type Contents = ReadonlyMap<Digest, Content>

/** Reads events with their texts. The verbatim output of the provider is not shown. */
export async function readEventViews(
  store: Store,
  journaled: readonly JournalEvent[],
  access: TaskAccess,
): Promise<EventView[]> {
  const events = shownEvents(journaled, access)
  const digests = events.flatMap(({ contents: { provider: _verbatim, ...shown } }) => Object.values(shown))
  const contents: Contents = digests.length === 0 ? new Map() : await store.readContents(digests)
  return events.map((event) => eventView(event, contents))
}

/** Shows an event without its texts, for streams in which these would be too long. */
export function briefViews(event: JournalEvent, access: TaskAccess): EventView[] {
  return shownEvents([event], access).map((shown) => eventView(shown, new Map()))
}

function eventView(event: JournalEvent, contents: Contents): EventView {
  const { seq, kind, run, attempt, at } = event
  // `event` pairs a type with its data, which the compiler cannot follow through the switch of `dataOf`.
  return { seq, type: kind, run, attempt, at: instantOf(at), data: dataOf(event, contents) } as EventView
}

/** Shows a delta. It has no `seq`, because the committed event that follows holds the whole text. */
export function deltaView({ run, attempt, step, index, action, text, snapshot }: Delta): DeltaView {
  return { run, attempt, step, index, ...(action !== null && { action }), text, snapshot }
}

function dataOf(event: JournalEvent, contents: Contents): EventView['data'] {
  const text = (role: string) => readable(contents.get(event.contents[role] ?? ''))
  switch (event.kind) {
    case 'task.submitted':
      return submittedData(event, contents)
    case 'message.added':
      return { ...event.facts, message: text('message') }
    case 'run.queued':
      return queuedData(event)
    case 'model.responded':
      return { ...event.facts, usage: usageView(event.facts.usage), text: text('text'), reasoning: text('reasoning') }
    case 'model.failed': {
      const { usage, ...facts } = event.facts
      return { ...facts, ...(usage !== undefined && { usage: usageView(usage) }) }
    }
    case 'model.interrupted': {
      const { usage, ...facts } = event.facts
      const texts = { text: text('text'), reasoning: text('reasoning') }
      return { ...facts, ...(usage !== undefined && { usage: usageView(usage) }), ...texts }
    }
    case 'attempt.lost': {
      const { not_before, ...facts } = event.facts
      return { ...facts, ...(not_before !== undefined && { not_before: instantOf(not_before) }) }
    }
    case 'action.requested':
      return { ...event.facts, arguments: parsed(text('arguments')) }
    case 'action.decided':
      return { ...event.facts, ...partsOf(event, contents, ['inputs', 'arguments']) }
    case 'action.settled':
      return { ...event.facts, result: text('result'), ...partsOf(event, contents, ['findings']) }
    case 'prompt.opened': {
      const expires_at = instantOrNull(event.facts.expires_at)
      return { ...event.facts, expires_at, payload: parsed(text('payload')) }
    }
    case 'prompt.answered':
      return { ...event.facts, answer: parsed(text('answer')) }
    case 'run.succeeded':
    case 'run.blocked':
      return { ...event.facts, result: text('result') }
    case 'run.claimed':
    case 'run.stop_requested':
    case 'run.stop_withdrawn':
    case 'step.started':
    case 'action.revoked':
    case 'budget.overdrawn':
    case 'budget.transferred':
    case 'budget.returned':
    case 'budget.granted':
    case 'budget.released':
    case 'task.purged':
    case 'task.hold_placed':
    case 'task.hold_lifted':
    case 'prompt.rejected':
    case 'prompt.expired':
    case 'prompt.withdrawn':
    case 'run.waiting':
    case 'run.paused':
    case 'run.resumed':
    case 'run.failed':
    case 'run.cancelled':
      return event.facts
    default:
      return unreachable(event)
  }
}

function submittedData(event: EventOf<'task.submitted'>, contents: Contents): EventView['data'] {
  const { title, metadata } = detailsOf(contents.get(event.contents['details'] ?? ''))
  const { owner, team, agent, dialect, visibility, parent, root, ...more } = event.facts
  const shown = { owner, team, agent, dialect, visibility, title, parent, root, metadata, ...more }
  return shown
}

function queuedData({ facts }: EventOf<'run.queued'>): EventView['data'] {
  const { turn, place, priority, not_before, config } = facts
  return {
    turn,
    place,
    priority,
    not_before: instantOrNull(not_before),
    config: {
      provider: config.model.provider,
      model: config.model.model,
      model_name: config.model.name,
      tools: [...config.tools],
      capabilities: [...config.capabilities],
      denied_capabilities: config.denied.map((denied) => ({ ...denied })),
      policy: { ...config.policy },
      retention_days: config.retentionDays,
      principal: config.principal,
      path_labels: config.pathLabels.map(({ path, labels }) => ({ path, labels: [...labels] })),
      max_steps: config.stepsMax,
      timeout_seconds: config.timeoutMs / 1_000,
      step_timeout_seconds: config.stepTimeoutMs / 1_000,
      queue_timeout_seconds: config.queueTimeoutMs / 1_000,
      four_eyes: config.fourEyes,
      notice: config.notice,
    },
  }
}

/** Parses the contents that the event has. Not every event of its kind has all of them. */
function partsOf(event: JournalEvent, contents: Contents, roles: readonly string[]): Record<string, unknown> {
  const held = roles.filter((role) => event.contents[role] !== undefined)
  return Object.fromEntries(held.map((role) => [role, parsed(readable(contents.get(event.contents[role] ?? '')))]))
}

/** Shows a text, or its bytes where it is sealed. It is null where it was purged or does not exist. */
function readable(content: Content | undefined): Readable {
  if (content === undefined) return null
  const { sealed, body, mediaType } = content
  if (!sealed && typeof body === 'string') return body
  return { sealed: true, media_type: mediaType, base64: Buffer.from(body).toString('base64') }
}

function parsed(text: Readable): unknown {
  return typeof text === 'string' ? JSON.parse(text) : text
}
