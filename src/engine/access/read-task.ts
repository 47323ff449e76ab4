import type { TaskSnapshot } from '../../domain/evolve.ts'
import { mayChange, type Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { maySpeakIn, type TaskAccess, taskAccess } from '../../domain/task-access.ts'
import type { EngineDeps } from '../engine-deps.ts'

function notFound(): Refusal {
  return new Refusal('task_not_found', 'There is no such task.')
}

/** A task, with how much of it its reader is shown. */
export interface AccessedTask extends TaskSnapshot {
  readonly access: TaskAccess
}

/** Marks a task that its reader has just changed, which takes full access. */
export function fullyShown(snapshot: TaskSnapshot): AccessedTask {
  return { ...snapshot, access: 'full' }
}

/** Adds how much of a listed task this caller may see. Answers undefined where they may see none of it. */
export function accessedBy(principal: Principal, snapshot: TaskSnapshot): AccessedTask | undefined {
  const access = taskAccess(principal, snapshot.task)
  return access && { ...snapshot, access }
}

/**
 * Reads the task, if this caller may see it. Refuses `task_not_found` in the same words, and after the same work, for a task
 * that is absent, for one that is somebody else's, and for `undefined`, which stands for a text that is no id.
 */
export async function readTaskFor(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  taskId: string | undefined,
): Promise<AccessedTask> {
  // The look-up without an id only takes its time: its result is not used.
  const found = await deps.store.readSnapshot(taskId ?? '')
  const task = taskId === undefined || found === undefined ? undefined : accessedBy(principal, found)
  if (task === undefined) throw notFound()
  return task
}

/**
 * Reads the task for its signed record, if this caller has full access to it: signed bytes name people, and nothing can be
 * left out of them. Refuses `role_forbidden` to a caller to whom the task is only shared.
 */
export async function readTaskRecordFor(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  taskId: string | undefined,
): Promise<AccessedTask> {
  const task = await readTaskFor(deps, principal, taskId)
  if (task.access === 'full') return task
  throw new Refusal('role_forbidden', 'This task is shown to others, but what is signed about it is not.')
}

/** Reads the task, if this caller may change it. Refuses `role_forbidden` to a caller who may only see it. */
export async function readTaskToChange(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  taskId: string | undefined,
): Promise<AccessedTask> {
  const snapshot = await readTaskFor(deps, principal, taskId)
  if (!mayChange(principal, snapshot.task)) throw readOnly()
  return snapshot
}

/** Reads the task, if this caller may add messages to it: whoever may change it, and the key that it was submitted with. */
export async function readTaskToSpeakIn(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  taskId: string,
): Promise<AccessedTask> {
  const snapshot = await readTaskFor(deps, principal, taskId)
  if (!maySpeakIn(principal, snapshot.task)) throw readOnly()
  return snapshot
}

function readOnly(): Refusal {
  return new Refusal('role_forbidden', 'This task can be read with this key, but not changed.')
}
