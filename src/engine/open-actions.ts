import type { EventFacts } from '../domain/event.ts'
import type { Run } from '../domain/task.ts'
import type { ServerRooms } from './server-rooms.ts'

const tailMax = 256

/**
 * The actions of a run that were requested and have no settlement. They all belong to its last step, so that only the
 * journal's tail is read.
 */
export async function openActionsOf(
  rooms: ServerRooms,
  taskId: string,
  run: Run,
): Promise<EventFacts['action.requested'][]> {
  if (run.steps === 0) return []
  const snapshot = await rooms.store.readTask(taskId)
  const lastSeq = snapshot?.lastSeq ?? 0
  const open = new Map<string, EventFacts['action.requested']>()
  for (const event of await rooms.store.readEvents(taskId, Math.max(0, lastSeq - tailMax), tailMax)) {
    if (event.run !== run.id) continue
    if (event.kind === 'action.requested') open.set(event.facts.action, event.facts)
    if (event.kind === 'action.settled') open.delete(event.facts.action)
  }
  return [...open.values()]
}
