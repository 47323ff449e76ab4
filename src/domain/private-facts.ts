import type { EventFacts, EventKind, JournalEvent } from './event.ts'
import type { TaskAccess } from './task-access.ts'

/**
 * Of each kind of event, the facts that only readers with full access are shown (task-access.ts): who people are, where a webhook
 * leads, why a task is on hold. A new kind of event has to say what of it is private.
 */
const privateFacts: { readonly [K in EventKind]: readonly (keyof EventFacts[K])[] } = {
  'task.submitted': ['owner', 'team', 'submitted_by', 'webhook'],
  'message.added': [],
  'run.queued': [], // its configuration names who had it queued: below
  'run.claimed': [],
  'attempt.lost': [],
  'run.stop_requested': [],
  'run.stop_withdrawn': [],
  'step.started': [],
  'model.responded': [],
  'model.failed': [],
  'model.interrupted': [],
  'action.requested': [],
  'action.decided': [],
  'action.revoked': ['by'],
  'action.settled': [],
  'budget.overdrawn': [],
  'budget.transferred': [],
  'budget.returned': [],
  'budget.granted': [],
  'budget.released': [],
  'task.purged': ['by'],
  'task.hold_placed': ['by', 'reason'],
  'task.hold_lifted': ['by'],
  'run.waiting': [],
  'run.paused': [],
  'run.resumed': [],
  'run.succeeded': [],
  'run.failed': [],
  'run.blocked': [],
  'run.cancelled': ['by'],
}

/** The contents that only readers with full access are shown: what a decision was made from names the people. */
const privateContents: readonly string[] = ['inputs']

/** The events as a reader with this access is shown them: of those that are shared, the private facts and contents are left out. */
export function shownEvents(events: readonly JournalEvent[], access: TaskAccess): readonly JournalEvent[] {
  return access === 'full' ? events : events.map(withoutPrivateFacts)
}

function withoutPrivateFacts(event: JournalEvent): JournalEvent {
  const hidden: readonly string[] = privateFacts[event.kind]
  const facts = without(event.kind === 'run.queued' ? withoutPrincipal(event.facts) : event.facts, hidden)
  // Who presents an event takes a fact that is missing as one that is not shown.
  return { ...event, facts, contents: without(event.contents, privateContents) } as JournalEvent
}

function withoutPrincipal(facts: EventFacts['run.queued']): object {
  return { ...facts, config: without(facts.config, ['principal']) }
}

function without(object: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
}
