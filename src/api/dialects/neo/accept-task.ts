import type { TaskSnapshot } from '../../../domain/evolve.ts'
import type { Principal } from '../../../domain/principal.ts'
import { isRefusal, Refusal } from '../../../domain/refusal.ts'
import { readAgentFor } from '../../../engine/access/read-agent.ts'
import { addMessage } from '../../../engine/commands/add-message.ts'
import { submitTask } from '../../../engine/commands/submit-task.ts'
import type { ServerDeps } from '../../../engine/server-deps.ts'
import { isIsolated } from './extension.ts'
import type { TaskRequest } from './request.ts'

/** The task that accepted the message. */
export interface Accepted {
  readonly snapshot: TaskSnapshot
  /** The seq of the last event before the message. */
  readonly after: number
  /** True where the message went to a run in progress, false where it started one. */
  readonly joined: boolean
}

/**
 * Continues the caller's task of that id, or submits a new one. The new task gets the requested id where it is free,
 * and another where the request has none or where it is another user's. The message is on disk when this resolves.
 */
export async function acceptTask(deps: ServerDeps, principal: Principal, request: TaskRequest): Promise<Accepted> {
  const { id, submit } = request
  const known = id === undefined ? undefined : await deps.store.readSnapshot(id)
  if (known !== undefined && isOwn(principal, known)) return continueTask(deps, principal, request, known)
  for (const agentId of request.agentIds) await readAgentFor(deps, principal, agentId)
  const free = id !== undefined && known === undefined
  try {
    const submission = free ? { ...submit, taskId: id } : submit
    return { snapshot: await submitTask(deps, principal, submission), after: 0, joined: false }
  } catch (error) {
    // Two requests with the same new id may arrive together: the later one then finds the task of the first.
    if (!free || !isRefusal(error, 'task_busy')) throw error
    if ((await deps.store.readTask(id)) === undefined) throw error
    return acceptTask(deps, principal, request)
  }
}

/** Tells whether the caller's further messages continue this task. */
export function isOwn(principal: Principal, { task }: TaskSnapshot): boolean {
  const bound = principal.agentId === null || principal.agentId === task.agentId
  return bound && task.ownerId === principal.userId
}

async function continueTask(
  deps: ServerDeps,
  principal: Principal,
  request: TaskRequest,
  known: TaskSnapshot,
): Promise<Accepted> {
  refuseChanges(request, known)
  const snapshot = await addMessage(deps, principal, known.task.id, {
    ...request.submit,
    onlyWhenIdle: request.onlyWhenIdle,
    heldTo: request.heldTo,
  })
  return { snapshot, after: known.task.lastSeq, joined: snapshot.run.id === known.run.id }
}

/** Refuses a message that would change a field of its task: these stay as they were when the task was created. */
function refuseChanges({ fixed, agentIds }: TaskRequest, { task }: TaskSnapshot): void {
  if (agentIds.length > 0 && !agentIds.includes(task.agentId)) {
    const fields = [{ field: 'agent_ids', message: `must be left out or hold ${JSON.stringify(task.agentId)}` }]
    throw new Refusal('invalid_input', 'The agent of the task is none of these.', { fields })
  }
  const has = {
    agent_id: task.agentId,
    project_id: task.metadata['project_id'] ?? null,
    visibility: task.visibility,
    isolated: isIsolated(task),
  }
  const names = (Object.keys(has) as (keyof typeof has)[]).filter(
    (name) => fixed[name] !== undefined && fixed[name] !== has[name],
  )
  if (names.length === 0) return
  const fields = names.map((field) => ({ field, message: `must be left out or be ${JSON.stringify(has[field])}` }))
  throw new Refusal('invalid_input', `A further message cannot change ${names.join(', ')} of its task.`, { fields })
}
