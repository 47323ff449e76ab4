import { isAbout, type JournalEvent } from '../../../../domain/event.ts'
import { unreachable } from '../../../../domain/unreachable.ts'
import type { TaskRecord } from '../../../../proof/package/task-record.ts'
import { instantOf } from '../../../edge/instants.ts'
import type { TrailEntry } from '../contract/compliance.ts'
import { frameStatuses } from '../contract/frame.ts'
import { outcomeOf } from '../tool-calls.ts'
import { executionIdOf } from '../values.ts'
import { verdictOf } from '../verdicts.ts'

/** Lists who did what, event by event. `details` holds everything that the journal records of an event beside texts. */
export function trailOf({ task, events, actions }: TaskRecord): TrailEntry[] {
  const tools = new Map(actions.map(({ requested: { facts } }) => [facts.action, facts.tool]))
  return events.map((event) => ({
    timestamp: instantOf(event.at),
    actor: actorOf(event),
    action: event.kind,
    resource: resourceOf(event, tools) ?? executionIdOf(task),
    result: resultOf(event),
    details: { seq: event.seq, ...event.facts },
  }))
}

function actorOf(event: JournalEvent): string {
  switch (event.kind) {
    case 'task.submitted':
      return event.facts.owner
    case 'message.added':
      return event.facts.role
    case 'run.queued':
      return event.facts.config.principal.user
    case 'run.cancelled':
    case 'action.revoked':
    case 'task.purged':
    case 'task.hold_placed':
    case 'task.hold_lifted':
      return event.facts.by
    case 'prompt.answered':
    case 'prompt.rejected':
      return event.facts.by.user
    case 'model.responded':
    case 'action.requested':
      return 'agent'
    case 'action.decided':
      return 'guard'
    case 'prompt.opened':
    case 'prompt.expired':
    case 'prompt.withdrawn':
    case 'attempt.lost':
    case 'step.started':
    case 'model.failed':
    case 'model.interrupted':
    case 'action.settled':
    case 'budget.overdrawn':
    case 'budget.transferred':
    case 'budget.returned':
    case 'budget.granted':
    case 'budget.released':
    case 'run.claimed':
    case 'run.stop_requested':
    case 'run.stop_withdrawn':
    case 'run.waiting':
    case 'run.paused':
    case 'run.resumed':
    case 'run.succeeded':
    case 'run.failed':
    case 'run.blocked':
      return 'server'
    default:
      return unreachable(event)
  }
}

function resourceOf(event: JournalEvent, tools: ReadonlyMap<string, string>): string | undefined {
  const action = 'action' in event.facts ? event.facts.action : null
  return action === null ? undefined : `tool:${tools.get(action) ?? ''}`
}

function resultOf(event: JournalEvent): string {
  if (isAbout(event, 'task', 'message', 'attempt', 'step')) return 'recorded'
  switch (event.kind) {
    case 'action.decided':
      return verdictOf(event.facts).verdict
    case 'action.settled':
      return outcomeOf(event.facts.outcome)
    case 'prompt.answered':
      return event.facts.outcome
    case 'prompt.rejected':
    case 'action.revoked':
      return 'blocked'
    case 'model.failed':
    case 'budget.overdrawn':
      return 'failed'
    case 'run.succeeded':
    case 'run.failed':
    case 'run.blocked':
    case 'run.cancelled':
      return frameStatuses[event.kind]
    case 'prompt.opened':
    case 'prompt.expired':
    case 'prompt.withdrawn':
    case 'model.responded':
    case 'model.interrupted':
    case 'action.requested':
    case 'budget.transferred':
    case 'budget.returned':
    case 'budget.granted':
    case 'budget.released':
    case 'run.queued':
    case 'run.claimed':
    case 'run.stop_requested':
    case 'run.stop_withdrawn':
    case 'run.waiting':
    case 'run.paused':
    case 'run.resumed':
      return 'recorded'
    default:
      return unreachable(event)
  }
}
