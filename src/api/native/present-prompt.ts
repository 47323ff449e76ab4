import { readableText } from '../../domain/content.ts'
import type { Principal } from '../../domain/principal.ts'
import { type AccessedPrompt, mayAnswer } from '../../engine/access/read-prompt.ts'
import type { EngineDeps } from '../../engine/engine-deps.ts'
import { instantOf, instantOrNull } from '../edge/instants.ts'
import type { PromptView } from './contract/prompt.ts'

/** Shows prompts to a caller who may see them, with what is asked and answered. */
export async function promptViews(
  { store }: Pick<EngineDeps, 'store'>,
  principal: Principal,
  prompts: readonly AccessedPrompt[],
): Promise<PromptView[]> {
  const digests = prompts.flatMap(({ prompt: { payload, answer } }) =>
    answer === null ? [payload] : [payload, answer],
  )
  const contents = digests.length === 0 ? new Map() : await store.readContents(digests)
  const parsed = (digest: string | null): unknown => {
    const text = readableText(contents.get(digest ?? ''))
    return text === undefined ? null : JSON.parse(text)
  }
  return prompts.map(({ prompt, snapshot }) => {
    const { task } = snapshot
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
      may_answer: prompt.state === 'open' && mayAnswer(principal, prompt, snapshot),
      opened_at: instantOf(prompt.openedAt),
      expires_at: instantOrNull(prompt.expiresAt),
      on_expiry: prompt.onExpiry,
      settled_at: instantOrNull(prompt.settledAt),
      outcome: prompt.outcome,
      answered_by: prompt.answeredBy,
      answer: parsed(prompt.answer),
    }
  })
}
