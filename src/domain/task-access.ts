import { may, mayChange, mayRead, type Principal } from './principal.ts'
import type { Task } from './task.ts'

type Accessed = Pick<Task, 'ownerId' | 'teamId' | 'visibility' | 'agentId' | 'submitter'>

/**
 * Whether the task was submitted with the very key that is used. It need not be the owner's: a task of Xagent belongs to the user
 * of its agent, also where somebody else's key may use the agent. Such a key reads its task, adds messages to it and answers its
 * questions, and nothing more: approvals, stopping, cancelling, sharing and purging are the owner's.
 *
 * What is kept for a user beside the task, memory and secrets, is never the owner's for the reason that the task is: a run is given
 * that of the user who had it queued (`run.config.principal`) and of its agent.
 */
export function isSubmittingKey(principal: Principal, { submitter }: Accessed): boolean {
  return principal.keyId !== null && principal.keyId === submitter.keyId
}

/** Whether this caller may read the task: as any thing that has an owner, or because it was submitted with the caller's key. */
export function mayReadTask(principal: Principal, task: Accessed): boolean {
  if (principal.agentId !== null && principal.agentId !== task.agentId) return false
  return mayRead(principal, task) || isSubmittingKey(principal, task)
}

/**
 * Whether this caller may speak in the task: add messages to it and answer its questions. Whoever may change it does, and the key
 * that it was submitted with.
 */
export function maySpeakIn(principal: Principal, task: Accessed): boolean {
  if (!mayReadTask(principal, task)) return false
  return mayChange(principal, task) || (isSubmittingKey(principal, task) && may(principal, 'submit'))
}
