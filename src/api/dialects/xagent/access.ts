import type { Agent } from '../../../domain/agent.ts'
import type { Principal } from '../../../domain/principal.ts'
import { isRefusal, Refusal } from '../../../domain/refusal.ts'
import { isSubmittingKey } from '../../../domain/task-access.ts'
import { readAgentFor } from '../../../engine/access/read-agent.ts'
import { type AccessedTask, readTaskFor } from '../../../engine/access/read-task.ts'
import type { ServerDeps } from '../../../engine/server-deps.ts'

/**
 * Reads the agent that a key is bound to, which alone decides what its holder may access. Any other credential is
 * refused like none at all: one of another dialect, one that is bound to no agent, and one whose agent is gone.
 */
export async function resolveAgent(deps: ServerDeps, principal: Principal): Promise<Agent> {
  if (principal.dialect !== 'xagent' || principal.agentId === null) throw wrongKey()
  try {
    return await readAgentFor(deps, principal, principal.agentId)
  } catch (error) {
    throw isRefusal(error, 'agent_not_found') ? wrongKey(error) : error
  }
}

/** The one refusal of every credential that is missing or wrong, so that they cannot be distinguished. */
export function wrongKey(cause?: unknown): Refusal {
  return new Refusal('unauthenticated', 'This is not the key of an agent.', cause === undefined ? {} : { cause })
}

/** Refuses any agent but the one of the key, whether it exists or not. */
export function checkAgent(bound: Agent, number: number): void {
  if (number !== bound.number) throw new Refusal('agent_not_found', 'There is no such agent.')
}

/**
 * Reads the task of a path by its number, if it came through this dialect and for the agent of the key, and belongs
 * to the user of the key or was submitted with this key. A task that does not exist and one of somebody else get the
 * same refusal, after the same work.
 */
export async function readXagentTask(deps: ServerDeps, principal: Principal, name: string): Promise<AccessedTask> {
  const number = /^[1-9]\d{0,14}$/u.test(name) ? Number(name) : undefined
  // No task has the number 0. It is looked up all the same, so that text and a free number take equally long.
  const found = await deps.store.readTaskByNumber(number ?? 0)
  const snapshot = await readTaskFor(deps, principal, number === undefined ? undefined : found?.id)
  const { dialect, ownerId } = snapshot.task
  const theirs = ownerId === principal.userId || isSubmittingKey(principal, snapshot.task)
  if (dialect === 'xagent' && theirs) return snapshot
  throw new Refusal('task_not_found', 'There is no such task.')
}
