import { may, mayChange, mayRead, type Principal } from './principal.ts'
import type { Task } from './task.ts'

type Accessed = Pick<Task, 'ownerId' | 'teamId' | 'visibility' | 'agentId' | 'submitter'>

/**
 * Whether the caller uses the very key that the task was submitted with. That need not be the owner's: a task of Xagent
 * belongs to the user of its agent, also where another user's key may use the agent. Such a key may read its task, add
 * messages and answer its questions, and nothing more: approving, stopping, cancelling, sharing and purging are the
 * owner's. Memory and secrets never follow the owner of the task: a run is given those of the user who had it queued
 * (`run.config.principal`) and of its agent.
 */
export function isSubmittingKey(principal: Principal, { submitter }: Accessed): boolean {
  return principal.keyId !== null && principal.keyId === submitter.keyId
}

/**
 * The extent to which a caller sees a task. `full`: the owner, the key that it was submitted with, and roles that read
 * everything. `shared`: everyone else who may read it by its visibility or a link. They see what was said and done, but
 * neither who the people are nor what the task was given: the names of secrets, where its webhook leads, why it is on
 * hold (for events see private-facts.ts).
 */
export type TaskAccess = 'full' | 'shared'

/**
 * The access of the caller, or undefined where they may not read the task at all, also because it belongs to another
 * agent than their key is bound to.
 */
export function taskAccess(principal: Principal, task: Accessed): TaskAccess | undefined {
  if (principal.agentId !== null && principal.agentId !== task.agentId) return undefined
  const isOwn = task.ownerId === principal.userId || isSubmittingKey(principal, task)
  if (isOwn || may(principal, 'readAll')) return 'full'
  return mayRead(principal, task) ? 'shared' : undefined
}

/**
 * Whether the caller may add messages to the task and answer its questions: whoever may change it, and the key that it
 * was submitted with.
 */
export function maySpeakIn(principal: Principal, task: Accessed): boolean {
  if (taskAccess(principal, task) === undefined) return false
  return mayChange(principal, task) || (isSubmittingKey(principal, task) && may(principal, 'submit'))
}
