import type { EventFacts, EventKind, JournalEvent } from './event.ts'
import type { TaskAccess } from './task-access.ts'

/**
 * The facts of each kind of event that only readers with full access see (task-access.ts): who people are, where a
 * webhook leads, why a task is on hold. A new kind of event has to list its private facts here.
 */
const privateFacts: { readonly [K in EventKind]: readonly (keyof EventFacts[K])[] } = {
  'task.submitted': ['owner', 'team', 'submitted_by', 'webhook'],
  'message.added': [],
  // The configuration of the run names the user, and is filtered below.
  'run.queued': [],
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
  'prompt.opened': [],
  'prompt.answered': ['by'],
  'prompt.rejected': ['by'],
  'prompt.expired': [],
  'prompt.withdrawn': [],
  'run.waiting': [],
  'run.paused': [],
  'run.resumed': [],
  'run.succeeded': [],
  'run.failed': [],
  'run.blocked': [],
  'run.cancelled': ['by'],
}

/** The contents that only readers with full access see. The inputs of a decision name people. */
const privateContents: readonly string[] = ['inputs']

/** The events as a reader with this access sees them. For shared access the private facts and contents are left out. */
export function shownEvents(events: readonly JournalEvent[], access: TaskAccess): readonly JournalEvent[] {
  return access === 'full' ? events : events.map(withoutPrivateFacts)
}

function withoutPrivateFacts(event: JournalEvent): JournalEvent {
  const hidden: readonly string[] = privateFacts[event.kind]
  const facts = without(event.kind === 'run.queued' ? withoutPrincipal(event.facts) : event.facts, hidden)
  // A presenter treats a missing fact as one that is not shown.
  return { ...event, facts, contents: without(event.contents, privateContents) } as JournalEvent
}

function withoutPrincipal(facts: EventFacts['run.queued']): object {
  return { ...facts, config: without(facts.config, ['principal']) }
}

function without(object: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
}
