import type { TaskSnapshot } from '../domain/evolve.ts'
import { mayChange, type Principal } from '../domain/principal.ts'
import { Refusal } from '../domain/refusal.ts'
import { mayReadTask, maySpeakIn } from '../domain/task-access.ts'
import type { ServerRooms } from './server-rooms.ts'

function notFound(): Refusal {
  return new Refusal('task_not_found', 'There is no such task.')
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
  if (snapshot === undefined || !mayReadTask(principal, snapshot.task)) throw notFound()
  return snapshot
}

/** The task, if this caller may change it. One who may see but not change it is told so: `role_forbidden`. */
export async function readTaskToChange(
  rooms: ServerRooms,
  principal: Principal,
  taskId: string | undefined,
): Promise<TaskSnapshot> {
  const snapshot = await readTaskFor(rooms, principal, taskId)
  if (!mayChange(principal, snapshot.task)) throw readOnly()
  return snapshot
}

/** The task, if this caller may add messages to it: whoever may change it, and the key that it was submitted with. */
export async function readTaskToSpeakIn(
  rooms: ServerRooms,
  principal: Principal,
  taskId: string,
): Promise<TaskSnapshot> {
  const snapshot = await readTaskFor(rooms, principal, taskId)
  if (!maySpeakIn(principal, snapshot.task)) throw readOnly()
  return snapshot
}

function readOnly(): Refusal {
  return new Refusal('role_forbidden', 'This task can be read with this key, but not changed.')
}
