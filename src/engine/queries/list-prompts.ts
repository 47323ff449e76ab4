import { may, type Principal } from '../../domain/principal.ts'
import type { Prompt } from '../../domain/prompt.ts'
import type { ChangeFilter, PageRequest } from '../../store/store.ts'
import { type AccessedPrompt, mayAnswer } from '../access/read-prompt.ts'
import { readTaskRecordFor } from '../access/read-task.ts'
import type { EngineDeps } from '../engine-deps.ts'

/**
 * Lists the open prompts that the caller may answer, newest first: those of their own tasks, and for an approver those of
 * their team's; for an administrator every one. A page may hold fewer than asked for, and yet have another page after it:
 * `before` names the last row that was looked at.
 */
export async function listInbox(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  page: PageRequest,
): Promise<readonly AccessedPrompt[]> {
  const lists = await Promise.all(filtersOf(principal).map((filter) => deps.store.listPrompts(filter, page)))
  const rows = new Map(lists.flat().map((prompt) => [prompt.id, prompt]))
  const newest = [...rows.values()].sort(newestFirst).slice(0, page.limit)
  return await withTasks(deps, newest)
}

/** A change of a prompt that the caller may answer, or could have. */
export interface InboxChange extends AccessedPrompt {
  readonly change: number
  readonly opened: boolean
}

/**
 * Lists what was opened and settled after a change, in the order in which it was committed, of the prompts that belong into
 * the inbox of the caller. `last` is the change after which a further call goes on; it is `after` where there was nothing
 * more to look at. Invariant: whoever goes on so gets each change once (list-prompts.test.ts).
 */
export async function listInboxChanges(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  after: number,
  limit: number,
): Promise<{ readonly changes: readonly InboxChange[]; readonly last: number }> {
  const filters = filtersOf(principal)
  const lists = await Promise.all(filters.map((filter) => deps.store.listChangedPrompts(filter, after, limit)))
  const rows = new Map(lists.flat().map((row) => [row.change, row]))
  const next = [...rows.values()].sort((a, b) => a.change - b.change).slice(0, limit)
  const snapshots = await Promise.all(next.map(({ prompt }) => deps.store.readSnapshot(prompt.taskId)))
  const changes = next.flatMap((row, at): InboxChange[] => {
    const snapshot = snapshots[at]
    return snapshot !== undefined && mayAnswer(principal, row.prompt, snapshot) ? [{ ...row, snapshot }] : []
  })
  return { changes, last: next.at(-1)?.change ?? after }
}

/** Lists every prompt of a task, newest first. Refuses `task_not_found` and, to whom it is only shown, `role_forbidden`. */
export async function listTaskPrompts(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  taskId: string,
  page: PageRequest,
): Promise<readonly AccessedPrompt[]> {
  const { task } = await readTaskRecordFor(deps, principal, taskId)
  return await withTasks(deps, await deps.store.listPrompts({ taskId: task.id }, page))
}

/** Whether the prompt belongs into the inbox of the caller. */
export function isForInbox(principal: Principal, { prompt, snapshot }: AccessedPrompt): boolean {
  return prompt.state === 'open' && mayAnswer(principal, prompt, snapshot)
}

function filtersOf(principal: Principal): readonly ChangeFilter[] {
  const { userId, teamId, role } = principal
  if (may(principal, 'administer')) return [{}]
  const own = { ownerId: userId }
  return role === 'approver' && teamId !== null ? [own, { teamId }] : [own]
}

async function withTasks(
  { store }: Pick<EngineDeps, 'store'>,
  prompts: readonly Prompt[],
): Promise<readonly AccessedPrompt[]> {
  const found = await Promise.all(
    prompts.map(async (prompt) => ({ prompt, snapshot: await store.readSnapshot(prompt.taskId) })),
  )
  return found.flatMap(({ prompt, snapshot }) => (snapshot === undefined ? [] : [{ prompt, snapshot }]))
}

function newestFirst(a: Prompt, b: Prompt): number {
  return b.openedAt - a.openedAt || (a.id < b.id ? 1 : -1)
}
