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

/**
 * How much of a task a caller is shown. `full`: its owner, the key that it was submitted with, and who reads everything. `shared`:
 * everybody else to whom its visibility or a link shows it. They see what was said and done, and neither who the people are, nor
 * what it was given: the names of secrets, where its webhook leads, why it is on hold (private-facts.ts has it for events).
 */
export type TaskAccess = 'full' | 'shared'

/** Undefined where this caller may not read the task at all: it is none of theirs, or of another agent than their key is bound to. */
export function taskAccess(principal: Principal, task: Accessed): TaskAccess | undefined {
  if (principal.agentId !== null && principal.agentId !== task.agentId) return undefined
  const isOwn = task.ownerId === principal.userId || isSubmittingKey(principal, task)
  if (isOwn || may(principal, 'readAll')) return 'full'
  return mayRead(principal, task) ? 'shared' : undefined
}

/**
 * Whether this caller may speak in the task: add messages to it and answer its questions. Whoever may change it does, and the key
 * that it was submitted with.
 */
export function maySpeakIn(principal: Principal, task: Accessed): boolean {
  if (taskAccess(principal, task) === undefined) return false
  return mayChange(principal, task) || (isSubmittingKey(principal, task) && may(principal, 'submit'))
}
