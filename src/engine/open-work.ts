import { type CallAmounts, type EventFacts, isAbout, type JournalEvent, type NewEvent } from '../domain/event.ts'
import type { Run, Task } from '../domain/task.ts'
import { unreachable } from '../domain/unreachable.ts'
import { noUsage } from '../domain/usage.ts'
import type { ServerRooms } from './server-rooms.ts'

const pageSize = 512

/** What a run has begun and not settled. */
export interface OpenWork {
  readonly call: OpenModelCall | undefined
  readonly actions: readonly OpenActionFacts[]
}

/** A call of the model, and what was reserved for it. */
export interface OpenModelCall {
  readonly step: number
  readonly tryNumber: number
  readonly reserved: CallAmounts
}

export interface OpenActionFacts {
  readonly step: number
  readonly action: string
  /** Zero for one that was not allowed yet. */
  readonly reservedMicrosUsd: number
}

/** All of it belongs to the run's last step, so that the journal is read back to that only. */
export async function readOpenWork(rooms: ServerRooms, { id: taskId, lastSeq }: Task, run: Run): Promise<OpenWork> {
  const actions = new Map<string, OpenActionFacts>()
  let call: OpenWork['call']
  for (const event of await readLastStep(rooms, taskId, lastSeq, run)) {
    if (event.run !== run.id || isAbout(event, 'task', 'message', 'run', 'attempt', 'budget')) continue
    switch (event.kind) {
      case 'step.started':
        call = { step: event.facts.step, tryNumber: 1, reserved: event.facts.reserved }
        break
      case 'model.responded':
        call = undefined
        break
      case 'model.failed':
        call = nextTry(event.facts)
        break
      case 'action.requested':
        actions.set(event.facts.action, { ...event.facts, reservedMicrosUsd: 0 })
        break
      case 'action.decided':
        actions.set(event.facts.action, { ...event.facts, reservedMicrosUsd: event.facts.reserved_micros_usd })
        break
      case 'action.settled':
        actions.delete(event.facts.action)
        break
      case 'action.revoked':
        break
      default:
        unreachable(event)
    }
  }
  return { call, actions: [...actions.values()] }
}

async function readLastStep(
  { store }: ServerRooms,
  taskId: string,
  lastSeq: number,
  run: Run,
): Promise<readonly JournalEvent[]> {
  const pages: JournalEvent[][] = []
  for (let until = lastSeq; until > 0; until -= pageSize) {
    const after = Math.max(0, until - pageSize)
    const page = await store.readEvents(taskId, after, until - after)
    pages.unshift(page)
    if (page.some((event) => event.run === run.id && beginsStep(event))) break
  }
  return pages.flat()
}

function beginsStep({ kind }: JournalEvent): boolean {
  return kind === 'step.started' || kind === 'run.queued'
}

function nextTry({ step, try: tried, reserved }: EventFacts['model.failed']): OpenWork['call'] {
  return reserved === undefined ? undefined : { step, tryNumber: tried + 1, reserved }
}

/**
 * How all that is settled where no process is left that would know: whether it happened is unknown, so that all that was
 * reserved is spent. `call` says otherwise of a call that is known.
 */
export function settleOpenWork({ call, actions }: OpenWork, run: Run, at: number, known = lostCall): NewEvent[] {
  const envelope = { run: run.id, attempt: run.attempt === 0 ? null : run.attempt, at, contents: {} }
  const failed = call === undefined ? [] : [known(call)]
  return [
    ...failed.map((facts): NewEvent => ({ ...envelope, kind: 'model.failed', facts })),
    ...actions.map((action): NewEvent => ({ ...envelope, kind: 'action.settled', facts: cutAction(action) })),
  ]
}

function lostCall({ step, tryNumber, reserved }: OpenModelCall): EventFacts['model.failed'] {
  return {
    step,
    try: tryNumber,
    code: 'attempt_lost',
    message: 'The server stopped during the call.',
    will_retry: false,
    released: reserved,
    usage: { ...noUsage, inputTokens: reserved.tokens },
    cost_micros_usd: reserved.micros_usd,
    estimated: true,
  }
}

/** How an action is settled whose run ends under it: whether it happened is unknown, what was reserved for it is spent. */
function cutAction({ step, action, reservedMicrosUsd }: OpenActionFacts): EventFacts['action.settled'] {
  return {
    step,
    action,
    outcome: 'unknown',
    duration_ms: 0,
    cost_micros_usd: reservedMicrosUsd,
    released_micros_usd: reservedMicrosUsd,
  }
}
