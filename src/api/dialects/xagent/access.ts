import type { Agent } from '../../../domain/agent.ts'
import type { TaskSnapshot } from '../../../domain/evolve.ts'
import type { Principal } from '../../../domain/principal.ts'
import { isRefusal, Refusal } from '../../../domain/refusal.ts'
import { isSubmittingKey } from '../../../domain/task-access.ts'
import { readAgentFor } from '../../../engine/access/read-agent.ts'
import { readTaskFor } from '../../../engine/access/read-task.ts'
import type { ServerDeps } from '../../../engine/server-deps.ts'

/**
 * The agent that a key is bound to: the one source of what its holder may touch. Any other credential is refused like no
 * credential at all: one of another dialect, one that is bound to no agent, one whose agent is gone.
 */
export async function resolveAgent(deps: ServerDeps, principal: Principal): Promise<Agent> {
  if (principal.dialect !== 'xagent' || principal.agentId === null) throw wrongKey()
  try {
    return await readAgentFor(deps, principal, principal.agentId)
  } catch (error) {
    throw isRefusal(error, 'agent_not_found') ? wrongKey(error) : error
  }
}

export function wrongKey(cause?: unknown): Refusal {
  return new Refusal('unauthenticated', 'This is not the key of an agent.', cause === undefined ? {} : { cause })
}

/**
 * The task that a path names by its number, if it came through this dialect and for the key's agent, and belongs to the key's user
 * or was submitted with this very key. Absent and not theirs: the same refusal, after the same work.
 */
export async function readXagentTask(deps: ServerDeps, principal: Principal, name: string): Promise<TaskSnapshot> {
  const number = /^[1-9]\d{0,14}$/u.test(name) ? Number(name) : undefined
  // No task has the number 0: the look-up is made so that a word and a free number cost the same.
  const found = await deps.store.readTaskByNumber(number ?? 0)
  const snapshot = await readTaskFor(deps, principal, number === undefined ? undefined : found?.id)
  const { dialect, ownerId } = snapshot.task
  const theirs = ownerId === principal.userId || isSubmittingKey(principal, snapshot.task)
  if (dialect === 'xagent' && theirs) return snapshot
  throw new Refusal('task_not_found', 'There is no such task.')
}
