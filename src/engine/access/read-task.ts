import type { TaskSnapshot } from '../../domain/evolve.ts'
import { mayChange, type Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { maySpeakIn, type TaskAccess, taskAccess } from '../../domain/task-access.ts'
import type { EngineDeps } from '../engine-deps.ts'

function notFound(): Refusal {
  return new Refusal('task_not_found', 'There is no such task.')
}

/** A task with how much of it its reader is shown. */
export interface AccessedTask extends TaskSnapshot {
  readonly access: TaskAccess
}

/** A task that its reader has just changed, which takes full access. */
export function fullyShown(snapshot: TaskSnapshot): AccessedTask {
  return { ...snapshot, access: 'full' }
}

/** A task of a list, as far as this caller may see it; undefined where they may not. */
export function accessedBy(principal: Principal, snapshot: TaskSnapshot): AccessedTask | undefined {
  const access = taskAccess(principal, snapshot.task)
  return access && { ...snapshot, access }
}

/**
 * The task, if this caller may see it. Absent, not theirs, and `undefined` (what was given is no id): the same refusal, after
 * the same work.
 */
export async function readTaskFor(
  deps: EngineDeps,
  principal: Principal,
  taskId: string | undefined,
): Promise<AccessedTask> {
  // The look-up for no id is made for its time only: what it finds is not used.
  const found = await deps.store.readSnapshot(taskId ?? '')
  const task = taskId === undefined || found === undefined ? undefined : accessedBy(principal, found)
  if (task === undefined) throw notFound()
  return task
}

/**
 * The task, if this caller has full access to it: what is signed about a task names people in bytes from which nothing can be left
 * out. One to whom the task is only shared is told so: `role_forbidden`.
 */
export async function readTaskRecordFor(
  deps: EngineDeps,
  principal: Principal,
  taskId: string | undefined,
): Promise<AccessedTask> {
  const task = await readTaskFor(deps, principal, taskId)
  if (task.access === 'full') return task
  throw new Refusal('role_forbidden', 'This task is shown to others, but what is signed about it is not.')
}

/** The task, if this caller may change it. One who may see but not change it is told so: `role_forbidden`. */
export async function readTaskToChange(
  deps: EngineDeps,
  principal: Principal,
  taskId: string | undefined,
): Promise<AccessedTask> {
  const snapshot = await readTaskFor(deps, principal, taskId)
  if (!mayChange(principal, snapshot.task)) throw readOnly()
  return snapshot
}

/** The task, if this caller may add messages to it: whoever may change it, and the key that it was submitted with. */
export async function readTaskToSpeakIn(deps: EngineDeps, principal: Principal, taskId: string): Promise<AccessedTask> {
  const snapshot = await readTaskFor(deps, principal, taskId)
  if (!maySpeakIn(principal, snapshot.task)) throw readOnly()
  return snapshot
}

function readOnly(): Refusal {
  return new Refusal('role_forbidden', 'This task can be read with this key, but not changed.')
}
