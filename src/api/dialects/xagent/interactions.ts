import { purgedPlaceholder } from '../../../domain/content.ts'
import type { Prompt, QuestionItem } from '../../../domain/prompt.ts'
import { isRefusal, Refusal } from '../../../domain/refusal.ts'
import { NoOpenQuestion } from '../../../engine/commands/reply-to-question.ts'
import type { OpenPrompt } from '../../../engine/queries/read-open-prompts.ts'
import type { EdgeContext } from '../../edge/define-dialect.ts'
import { instantOrNull } from '../../edge/instants.ts'
import { promptUrl } from '../../edge/native-url.ts'
import type { Interaction, PendingInteraction } from './contract/interaction.ts'

/** What of a prompt its sentence is made of. */
export interface AskedPrompt {
  readonly prompt: Pick<Prompt, 'kind' | 'tool'>
  readonly items: readonly QuestionItem[]
}

/** Writes what a task asks as one text: each question on a line, and a sentence for whatever else waits for a person. */
export function questionTextOf(open: readonly AskedPrompt[]): string {
  return open.flatMap(linesOf).join('\n')
}

function linesOf({ prompt: { kind, tool }, items }: AskedPrompt): string[] {
  switch (kind) {
    case 'question':
      return items.length === 0 ? [purgedPlaceholder] : items.map(({ question }) => question)
    case 'approval':
      return [tool === null ? 'An action waits for an approval.' : `A call of ${tool} waits for an approval.`]
    case 'plan':
      return ['A plan waits for an approval.']
    case 'budget':
      return ['The budget is used up: more waits for an approval.']
  }
}

/** Shows what a waiting task asks. It is null where nothing is asked. */
export function presentInteraction(
  context: Pick<EdgeContext, 'publicUrl'>,
  open: readonly OpenPrompt[],
): PendingInteraction | null {
  if (open.length === 0) return null
  return { question: questionTextOf(open), interactions: open.flatMap((one) => interactionsOf(context, one)) }
}

function interactionsOf(context: Pick<EdgeContext, 'publicUrl'>, open: OpenPrompt): Interaction[] {
  const { id, kind, expiresAt } = open.prompt
  const shared = { prompt_id: id, kind, expires_at: instantOrNull(expiresAt), prompt_url: promptUrl(context, id) }
  if (open.items.length === 0) return [{ type: 'confirm', field: 'decision', label: questionTextOf([open]), ...shared }]
  return open.items.map((item) => ({ ...controlOf(item), ...shared }))
}

function controlOf({ id: field, question: label, options, multiple, default: value }: QuestionItem) {
  const named = { field, label, ...(value !== null && { default: value }) }
  if (options.length === 0) return { type: 'text_input' as const, ...named }
  const type = multiple ? ('select_multiple' as const) : ('select_one' as const)
  return { type, ...named, options: options.map((option) => ({ label: option, value: option })) }
}

/** A refusal that has a code of its own in this dialect, because it is about what the task asks. */
export class InteractionRefusal extends Refusal {
  readonly word: 'interaction_response_required' | 'interaction_not_resumable'

  constructor(word: InteractionRefusal['word'], cause: Refusal) {
    const message =
      word === 'interaction_not_resumable'
        ? cause.message
        : 'The task waits for an answer. Send it to POST /v1/chat/tasks/{task_id}/reply.'
    super(cause.code, message, { cause })
    this.word = word
  }
}

/** Names a refusal of a further message: a task that waits for a person takes an answer and no message. */
export function refusedMessage(error: unknown): unknown {
  const waits = isRefusal(error, 'task_busy') && error.state === 'waiting'
  return waits ? new InteractionRefusal('interaction_response_required', error) : error
}

/** Names a refusal of a reply: what is asked, if anything is, cannot be answered by a text. */
export function refusedReply(error: unknown): unknown {
  const isOpen = error instanceof NoOpenQuestion && error.reason !== 'none'
  return isOpen ? new InteractionRefusal('interaction_not_resumable', error) : error
}
