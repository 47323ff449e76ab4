import { type Content, readableText } from '../../domain/content.ts'
import type { Prompt, PromptKind, QuestionItem, QuestionPayload } from '../../domain/prompt.ts'
import type { AccessedTask } from '../access/read-task.ts'
import type { EngineDeps } from '../engine-deps.ts'

/** An open prompt with what it asks. */
export interface OpenPrompt {
  readonly prompt: Prompt
  /** The items of a question, each with an answer of its own. Empty for any other prompt, and once it is purged. */
  readonly items: readonly QuestionItem[]
}

/**
 * Reads what a task asks people now, the oldest first. Whoever is only shown the task is shown none of it, as with
 * `prompt_not_found`.
 */
export async function readOpenPrompts(
  { store }: Pick<EngineDeps, 'store'>,
  { task, access }: AccessedTask,
): Promise<readonly OpenPrompt[]> {
  const open = access === 'full' ? await store.listOpenPrompts(task.id) : []
  if (open.length === 0) return []
  const payloads = await store.readContents(open.map(({ payload }) => payload))
  return open.map((prompt) => ({ prompt, items: itemsOf(prompt.kind, payloads.get(prompt.payload)) }))
}

/** A task with what it asks at the same moment. */
export interface AskingTask {
  readonly snapshot: AccessedTask
  readonly open: readonly OpenPrompt[]
}

const readsMax = 5

/**
 * Reads a task and what it asks so that the two fit together: both are read again where the task has changed in between. A task
 * that neither waits nor asks is read once.
 */
export async function readAskingTask(
  deps: Pick<EngineDeps, 'store'>,
  read: () => Promise<AccessedTask>,
): Promise<AskingTask> {
  let snapshot = await read()
  for (let reads = 1; ; reads += 1) {
    const open = await readOpenPrompts(deps, snapshot)
    if (open.length === 0 && snapshot.run.state !== 'waiting') return { snapshot, open }
    const now = await read()
    if (now.task.lastSeq === snapshot.task.lastSeq || reads === readsMax) return { snapshot, open }
    snapshot = now
  }
}

/** The items of a prompt's payload, if it is a question. */
export function itemsOf(kind: PromptKind, payload: Content | undefined): readonly QuestionItem[] {
  const text = readableText(payload)
  return kind === 'question' && text !== undefined ? (JSON.parse(text) as QuestionPayload).questions : []
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
