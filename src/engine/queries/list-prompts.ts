import { may, type Principal } from '../../domain/principal.ts'
import type { Prompt } from '../../domain/prompt.ts'
import type { PageRequest, PromptFilter } from '../../store/store.ts'
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

function filtersOf(principal: Principal): readonly PromptFilter[] {
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
