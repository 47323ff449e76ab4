import type { EventKind } from './event.ts'

/** Every kind of event; a new one does not compile until it stands here. */
const kinds = {
  'task.submitted': true,
  'message.added': true,
  'run.queued': true,
  'run.claimed': true,
  'attempt.lost': true,
  'run.stop_requested': true,
  'step.started': true,
  'model.responded': true,
  'model.failed': true,
  'action.requested': true,
  'action.decided': true,
  'action.revoked': true,
  'action.settled': true,
  'budget.overdrawn': true,
  'budget.transferred': true,
  'budget.returned': true,
  'budget.granted': true,
  'budget.released': true,
  'task.purged': true,
  'task.hold_placed': true,
  'task.hold_lifted': true,
  'run.waiting': true,
  'run.paused': true,
  'run.resumed': true,
  'run.succeeded': true,
  'run.failed': true,
  'run.blocked': true,
  'run.cancelled': true,
} as const satisfies Record<EventKind, true>

export const eventKinds = Object.keys(kinds) as readonly EventKind[]
