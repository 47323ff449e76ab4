import { may, type Principal } from '../../domain/principal.ts'
import type { Task } from '../../domain/task.ts'
import type { PageRequest, TaskFilter } from '../../store/store.ts'
import type { EngineDeps } from '../engine-deps.ts'

/**
 * The tasks that this caller sees in lists, newest first: their own and those shown to their team; all of them for who
 * reads everything; those of one agent only for a key that is bound to it.
 */
export async function listTasks(
  deps: EngineDeps,
  principal: Principal,
  filter: TaskFilter,
  page: PageRequest,
): Promise<Task[]> {
  const { agentId } = principal
  if (agentId !== null && filter.agentId !== undefined && filter.agentId !== agentId) return []
  const bound = agentId === null ? {} : { agentId }
  return deps.store.listTasks({ ...filter, ...visibleTo(principal), ...bound }, page)
}

/** The part of a filter that says whose things are listed. */
export function visibleTo(principal: Principal): { ownerId?: string; teamId?: string } {
  if (may(principal, 'readAll')) return {}
  return { ownerId: principal.userId, ...(principal.teamId !== null && { teamId: principal.teamId }) }
}
