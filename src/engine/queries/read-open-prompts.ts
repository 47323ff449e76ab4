import type { Prompt, QuestionItem, QuestionPayload } from '../../domain/prompt.ts'
import type { AccessedTask } from '../access/read-task.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { readPayload } from '../prompts/read-payload.ts'

/** An open prompt with what it asks. */
export interface OpenPrompt {
  readonly prompt: Prompt
  /** What a question asks, each with an answer of its own. Empty for any other prompt, and once it is purged. */
  readonly items: readonly QuestionItem[]
}

/**
 * Reads what a task asks people now, the oldest first. Whoever is only shown the task is shown none of it, as with
 * `prompt_not_found`.
 */
export async function readOpenPrompts(
  deps: Pick<EngineDeps, 'store'>,
  { task, access }: AccessedTask,
): Promise<readonly OpenPrompt[]> {
  if (access !== 'full') return []
  const open = await deps.store.listOpenPrompts(task.id)
  return Promise.all(open.map(async (prompt) => ({ prompt, items: await readItems(deps, prompt) })))
}

async function readItems(deps: Pick<EngineDeps, 'store'>, prompt: Prompt): Promise<readonly QuestionItem[]> {
  if (prompt.kind !== 'question') return []
  const payload = await readPayload(deps, prompt)
  return payload === undefined ? [] : (payload as unknown as QuestionPayload).questions // The runner wrote it.
}

/**
 * The item that a free text can answer: exactly one prompt is open, it is a question, and it asks one thing. Free text never
 * approves, and never answers one of several.
 */
export function itemForText(open: readonly OpenPrompt[]): QuestionItem | undefined {
  const [only, ...others] = open
  const [item, ...more] = only?.items ?? []
  return others.length === 0 && more.length === 0 ? item : undefined
}
