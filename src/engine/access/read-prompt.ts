import type { TaskSnapshot } from '../../domain/evolve.ts'
import { mayChange, type Principal } from '../../domain/principal.ts'
import type { Prompt } from '../../domain/prompt.ts'
import { Refusal } from '../../domain/refusal.ts'
import { isSubmittingKey, maySpeakIn, taskAccess } from '../../domain/task-access.ts'
import type { EngineDeps } from '../engine-deps.ts'

/** A prompt with the task that it belongs to. */
export interface AccessedPrompt {
  readonly prompt: Prompt
  readonly snapshot: TaskSnapshot
}

/**
 * Reads a prompt, if this caller may see it: whoever has full access to its task, and whoever may answer it. Refuses
 * `prompt_not_found` in the same words, and after the same work, for one that is absent and for one that is not theirs;
 * `undefined` stands for a text that is no id.
 */
export async function readPromptFor(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  id: string | undefined,
): Promise<AccessedPrompt> {
  const prompt = await deps.store.readPrompt(id ?? '')
  const snapshot = await deps.store.readSnapshot(prompt?.taskId ?? '')
  if (id !== undefined && prompt !== undefined && snapshot !== undefined && maySeePrompt(principal, prompt, snapshot)) {
    return { prompt, snapshot }
  }
  throw promptNotFound()
}

/** The refusal of a prompt that does not exist, or is not shown to the caller. */
export function promptNotFound(): Refusal {
  return new Refusal('prompt_not_found', 'There is no such prompt.')
}

/** Whether the caller is shown the prompts of this task. */
export function maySeePrompt(principal: Principal, prompt: Prompt, snapshot: TaskSnapshot): boolean {
  return taskAccess(principal, snapshot.task) === 'full' || mayAnswer(principal, prompt, snapshot)
}

/**
 * Whether the caller may answer: whoever may change the task, and the approvers of its team. The key that the task was
 * submitted with, where it is not the owner's, may answer its questions and nothing else. A key that is bound to an agent has
 * no part in the tasks of another. Under a policy with four eyes nobody decides about what they asked for themselves: they
 * answer questions only.
 */
export function mayAnswer(principal: Principal, { kind }: Prompt, { task, run }: TaskSnapshot): boolean {
  if (principal.agentId !== null && principal.agentId !== task.agentId) return false
  if (run.config.fourEyes === true && kind !== 'question' && hasAsked(principal, { task, run })) return false
  if (mayChange(principal, task)) return true
  if (kind === 'question' && maySpeakIn(principal, task)) return true
  return principal.role === 'approver' && (task.ownerId === principal.userId || isOfTeam(principal, task.teamId))
}

/** Whether the run acts for this caller, or was submitted with their key. */
function hasAsked(principal: Principal, { task, run }: TaskSnapshot): boolean {
  return run.config.principal.user === principal.userId || isSubmittingKey(principal, task)
}

function isOfTeam(principal: Principal, teamId: string | null): boolean {
  return teamId !== null && principal.teamId === teamId
}
