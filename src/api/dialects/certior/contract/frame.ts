import type { EventKind } from '../../../../domain/event.ts'

/** The status of an execution in a frame. The last four are its ends. */
export const frameStatuses = {
  'task.submitted': 'created',
  'message.added': 'created',
  'run.queued': 'queued',
  'run.claimed': 'planning',
  'attempt.lost': 'queued',
  'run.stop_requested': 'executing',
  'run.stop_withdrawn': 'executing',
  'step.started': 'thinking',
  'model.responded': 'executing',
  'model.failed': 'thinking',
  'model.interrupted': 'thinking',
  'action.requested': 'executing_tool',
  'action.decided': 'verifying',
  'action.revoked': 'verifying',
  'action.settled': 'tool_completed',
  'budget.overdrawn': 'executing',
  'budget.transferred': 'executing',
  'budget.returned': 'executing',
  'budget.granted': 'queued',
  'budget.released': 'executing',
  'task.purged': 'executing',
  'task.hold_placed': 'executing',
  'task.hold_lifted': 'executing',
  'prompt.opened': 'executing',
  'prompt.answered': 'executing',
  'prompt.rejected': 'executing',
  'prompt.expired': 'executing',
  'prompt.withdrawn': 'executing',
  'run.waiting': 'executing',
  'run.paused': 'executing',
  'run.resumed': 'queued',
  'run.succeeded': 'succeeded',
  'run.failed': 'error',
  'run.blocked': 'blocked',
  'run.cancelled': 'cancelled',
} as const satisfies Record<EventKind, string>

/** The status of a settled tool call that the guard denied. */
export const blockedToolStatus = 'tool_blocked'

type FrameStatus = (typeof frameStatuses)[EventKind] | typeof blockedToolStatus

/** One message of the WebSocket carries one committed event. `data` also holds the facts of the event itself. */
export interface Frame {
  readonly execution_id: string
  readonly status: FrameStatus
  readonly data: {
    readonly type: EventKind
    /** Frames are numbered 1, 2, 3, … without gap. */
    readonly seq: number
    readonly status: FrameStatus
    readonly step: number
    readonly cost_cents: number
    readonly certificate_count: number
    readonly error: string | null
    readonly [name: string]: unknown
  }
  /** The instant of the event in seconds since 1970. */
  readonly timestamp: number
}
