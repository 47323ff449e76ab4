import type { TaskSnapshot } from '../../../domain/evolve.ts'
import type { Principal } from '../../../domain/principal.ts'
import { isRefusal, Refusal } from '../../../domain/refusal.ts'
import { readAgentFor } from '../../../engine/access/read-agent.ts'
import { addMessage } from '../../../engine/commands/add-message.ts'
import { submitTask } from '../../../engine/commands/submit-task.ts'
import type { ServerDeps } from '../../../engine/server-deps.ts'
import { isIsolated } from './extension.ts'
import type { WantedTask } from './request.ts'

/** A task that took the message. */
export interface Accepted {
  readonly snapshot: TaskSnapshot
  /** The seq before the message. */
  readonly after: number
  /** The message went to a run that was under way; else it started one. */
  readonly joined: boolean
}

/**
 * Continues the caller's task of that id, or submits a new one: under the id where it is free, under a new id where none was
 * given or it is another user's. On disk when this resolves.
 */
export async function acceptTask(deps: ServerDeps, principal: Principal, wanted: WantedTask): Promise<Accepted> {
  const { id, submit } = wanted
  const known = id === undefined ? undefined : await deps.store.readSnapshot(id)
  if (known !== undefined && isOwn(principal, known)) return continueTask(deps, principal, wanted, known)
  for (const agentId of wanted.agentIds) await readAgentFor(deps, principal, agentId)
  const free = id !== undefined && known === undefined
  try {
    const request = free ? { ...submit, taskId: id } : submit
    return { snapshot: await submitTask(deps, principal, request), after: 0, joined: false }
  } catch (error) {
    // Of two requests with one new id that come together, the later one finds the task of the first.
    if (!free || !isRefusal(error, 'task_busy')) throw error
    if ((await deps.store.readTask(id)) === undefined) throw error
    return acceptTask(deps, principal, wanted)
  }
}

/** Whether the caller's further messages continue this task. */
export function isOwn(principal: Principal, { task }: TaskSnapshot): boolean {
  const bound = principal.agentId === null || principal.agentId === task.agentId
  return bound && task.ownerId === principal.userId
}

async function continueTask(
  deps: ServerDeps,
  principal: Principal,
  wanted: WantedTask,
  known: TaskSnapshot,
): Promise<Accepted> {
  refuseChanges(wanted, known)
  const snapshot = await addMessage(deps, principal, known.task.id, {
    ...wanted.submit,
    onlyWhenIdle: wanted.onlyWhenIdle,
    heldTo: wanted.heldTo,
  })
  return { snapshot, after: known.task.lastSeq, joined: snapshot.run.id === known.run.id }
}

/** What belongs to the task stays as it was when the task was created; who asks for something else is told so. */
function refuseChanges({ fixed, agentIds }: WantedTask, { task }: TaskSnapshot): void {
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
