import type { TaskSnapshot } from '../domain/evolve.ts'
import { mayChange, mayRead, type Principal } from '../domain/principal.ts'
import { Refusal } from '../domain/refusal.ts'
import type { ServerRooms } from './server-rooms.ts'

function notFound(): Refusal {
  return new Refusal('task_not_found', 'There is no such task.')
}

function bound(principal: Principal, snapshot: TaskSnapshot): boolean {
  return principal.agentId === null || principal.agentId === snapshot.task.agentId
}

/**
 * The task, if this caller may see it. Absent, not theirs, and `undefined` (what was given is no id): the same refusal, after
 * the same work.
 */
export async function readTaskFor(
  rooms: ServerRooms,
  principal: Principal,
  taskId: string | undefined,
): Promise<TaskSnapshot> {
  // The look-up for no id is made for its time only: what it finds is not used.
  const found = await rooms.store.readSnapshot(taskId ?? '')
  const snapshot = taskId === undefined ? undefined : found
  if (snapshot === undefined || !bound(principal, snapshot) || !mayRead(principal, snapshot.task)) throw notFound()
  return snapshot
}

/** The task, if this caller may change it. One who may see but not change it is told so: `role_forbidden`. */
export async function readTaskToChange(
  rooms: ServerRooms,
  principal: Principal,
  taskId: string | undefined,
): Promise<TaskSnapshot> {
  const snapshot = await readTaskFor(rooms, principal, taskId)
  if (!mayChange(principal, snapshot.task)) {
    throw new Refusal('role_forbidden', 'This task can be read with this key, but not changed.')
  }
  return snapshot
}
