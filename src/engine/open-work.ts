import type { CallAmounts, EventFacts } from '../domain/event.ts'
import type { Run } from '../domain/task.ts'
import type { ServerRooms } from './server-rooms.ts'

const tailMax = 512

/** What a run has begun and not settled. */
export interface OpenWork {
  /** A call of the model, and what was reserved for it. */
  readonly call: { readonly step: number; readonly tryNumber: number; readonly reserved: CallAmounts } | undefined
  readonly actions: readonly OpenActionFacts[]
}

export interface OpenActionFacts {
  readonly step: number
  readonly action: string
  /** Zero for one that was not allowed yet. */
  readonly reservedMicrosUsd: number
}

/** All of it belongs to the run's last step, so that only the journal's tail is read. */
export async function readOpenWork(rooms: ServerRooms, taskId: string, run: Run): Promise<OpenWork> {
  const task = await rooms.store.readTask(taskId)
  const after = Math.max(0, (task?.lastSeq ?? 0) - tailMax)
  const actions = new Map<string, OpenActionFacts>()
  let call: OpenWork['call']
  for (const event of await rooms.store.readEvents(taskId, after, tailMax)) {
    if (event.run !== run.id) continue
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
    }
  }
  return { call, actions: [...actions.values()] }
}

function nextTry({ step, try: tried, reserved }: EventFacts['model.failed']): OpenWork['call'] {
  return reserved === undefined ? undefined : { step, tryNumber: tried + 1, reserved }
}

/** How an action is settled whose run ends under it: whether it happened is unknown, what was reserved for it is spent. */
export function cutAction({ step, action, reservedMicrosUsd }: OpenActionFacts): EventFacts['action.settled'] {
  return {
    step,
    action,
    outcome: 'unknown',
    duration_ms: 0,
    cost_micros_usd: reservedMicrosUsd,
    released_micros_usd: reservedMicrosUsd,
  }
}
