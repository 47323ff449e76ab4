import { type Content, type Digest, readableText } from '../../domain/content.ts'
import type { Principal } from '../../domain/principal.ts'
import type { Prompt } from '../../domain/prompt.ts'
import type { Task } from '../../domain/task.ts'
import { type AccessedPrompt, mayAnswer } from '../../engine/access/read-prompt.ts'
import type { EngineDeps } from '../../engine/engine-deps.ts'
import { instantOf, instantOrNull } from '../edge/instants.ts'
import type { PromptView } from './contract/prompt.ts'

type Contents = ReadonlyMap<Digest, Content>
type PromptReads = Pick<EngineDeps['store'], 'readContents'>

/** Shows prompts to a caller who may see them, with what is asked and answered. */
export async function promptViews(
  { store }: { readonly store: PromptReads },
  principal: Principal,
  prompts: readonly AccessedPrompt[],
): Promise<PromptView[]> {
  const contents = await readPromptContents(
    store,
    prompts.map(({ prompt }) => prompt),
  )
  return prompts.map(({ prompt, snapshot }) => ({
    ...promptFields(prompt, snapshot.task, contents),
    may_answer: prompt.state === 'open' && mayAnswer(principal, prompt, snapshot),
  }))
}

/** Reads what the prompts ask and what was answered, as far as it is there. */
export async function readPromptContents(store: PromptReads, prompts: readonly Prompt[]): Promise<Contents> {
  const digests = prompts.flatMap(({ payload, answer }) => (answer === null ? [payload] : [payload, answer]))
  return digests.length === 0 ? new Map() : await store.readContents(digests)
}

/** Shows a prompt as it is to everybody who may see it. What is not among the contents is null. */
export function promptFields(prompt: Prompt, task: Task, contents: Contents): Omit<PromptView, 'may_answer'> {
  const parsed = (digest: string | null): unknown => {
    const text = readableText(contents.get(digest ?? ''))
    return text === undefined ? null : JSON.parse(text)
  }
  return {
    id: prompt.id,
    kind: prompt.kind,
    state: prompt.state,
    task: { id: task.id, number: task.number, title: task.title },
    run: prompt.runId,
    step: prompt.step,
    action: prompt.action,
    tool: prompt.tool,
    categories: [...prompt.categories],
    version: prompt.version,
    payload: parsed(prompt.payload),
    opened_at: instantOf(prompt.openedAt),
    expires_at: instantOrNull(prompt.expiresAt),
    on_expiry: prompt.onExpiry,
    settled_at: instantOrNull(prompt.settledAt),
    outcome: prompt.outcome,
    answered_by: prompt.answeredBy,
    answer: parsed(prompt.answer),
  }
}
