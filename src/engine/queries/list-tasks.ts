import { may, type Principal } from '../../domain/principal.ts'
import type { Task } from '../../domain/task.ts'
import type { PageRequest, TaskFilter } from '../../store/store.ts'
import type { EngineDeps } from '../engine-deps.ts'

/**
 * Lists the tasks that this caller sees, newest first: their own and those shown to their team; all tasks for roles that read
 * everything; those of one agent only for a key that is bound to it.
 */
export async function listTasks(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  filter: TaskFilter,
  page: PageRequest,
): Promise<Task[]> {
  const { agentId } = principal
  if (agentId !== null && filter.agentId !== undefined && filter.agentId !== agentId) return []
  const bound = agentId === null ? {} : { agentId }
  return deps.store.listTasks({ ...filter, ...visibleTo(principal), ...bound }, page)
}

/** Returns the part of a filter that restricts a list to what this caller sees. */
export function visibleTo(principal: Principal): { ownerId?: string; teamId?: string } {
  if (may(principal, 'readAll')) return {}
  return { ownerId: principal.userId, ...(principal.teamId !== null && { teamId: principal.teamId }) }
}
