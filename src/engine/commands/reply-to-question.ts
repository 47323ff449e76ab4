import type { JsonObject } from '../../domain/json.ts'
import type { Principal } from '../../domain/principal.ts'
import type { QuestionItem } from '../../domain/prompt.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { IdempotentRequest } from '../../store/commit.ts'
import { readTaskFor, readTaskToSpeakIn } from '../access/read-task.ts'
import { itemForText, type OpenPrompt, readOpenPrompts } from '../queries/read-open-prompts.ts'
import type { ServerDeps } from '../server-deps.ts'
import { type AnsweredPrompt, answerPrompt } from './answer-prompt.ts'

/** A free text that is to answer the question of a task. */
export interface ReplyToQuestion {
  readonly text: string
  /** The field of the request that held the text, which a refusal names. */
  readonly field: string
  readonly request?: IdempotentRequest | undefined
}

/** Why a free text answers nothing. `none`: nothing is open. With the others something is, and needs its own answer. */
export type NoQuestionReason = 'none' | 'several' | 'needs_decision' | 'several_items'

const sentences: Readonly<Record<NoQuestionReason, string>> = {
  none: 'The task asks nothing: there is no question to answer.',
  several: 'The task asks several things at once. Answer each by its id.',
  needs_decision:
    'The task waits for a decision and not for a text: an approval, a plan or a budget needs its id and a structured answer.',
  several_items: 'The question asks several things at once. Answer it by its id, with an answer to each.',
}

/** The refusal `no_open_question`, with which case it is. */
export class NoOpenQuestion extends Refusal {
  readonly reason: NoQuestionReason

  constructor(reason: NoQuestionReason) {
    super('no_open_question', sentences[reason])
    this.reason = reason
  }
}

/**
 * Answers the question of a task by a free text, where exactly one prompt is open, is a question and asks one thing. It is
 * `answerPrompt` from there on: the first answer counts, and is on disk before anything acts on it. Options are chosen by
 * their exact words. Free text never approves.
 * Refuses `task_not_found`, `role_forbidden`, `no_open_question` (with which case it is), `invalid_input` (with the options),
 * and `prompt_settled` where somebody was faster or the time is over.
 */
export async function replyToQuestion(
  deps: ServerDeps,
  principal: Principal,
  taskId: string | undefined,
  { text, field, request }: ReplyToQuestion,
): Promise<AnsweredPrompt> {
  const snapshot = await readTaskFor(deps, principal, taskId)
  const open = await readOpenPrompts(deps, snapshot)
  const item = itemForText(open)
  const [only] = open
  if (item === undefined || only === undefined) {
    // Whoever may not answer is told that, and not what is open.
    await readTaskToSpeakIn(deps, principal, snapshot.task.id)
    throw new NoOpenQuestion(reasonOf(open))
  }
  const data = { answers: { [item.id]: answerTo(item, text, field) } } satisfies JsonObject
  return answerPrompt(deps, principal, only.prompt.id, { outcome: 'answered', data, request })
}

function reasonOf(open: readonly OpenPrompt[]): NoQuestionReason {
  const [only, ...others] = open
  if (only === undefined) return 'none'
  if (others.length > 0) return 'several'
  return only.prompt.kind === 'question' ? 'several_items' : 'needs_decision'
}

/** The answer that a text gives to an item. White space around an option is none of its words. */
function answerTo({ options, multiple }: QuestionItem, text: string, field: string): string | string[] {
  if (options.length === 0) return text
  const option = options.find((one) => one.trim() === text.trim())
  if (option !== undefined) return multiple ? [option] : option
  const allowed = options.map((one) => JSON.stringify(one)).join(', ')
  const fields = [{ field, message: `must be one of: ${allowed}` }]
  throw new Refusal('invalid_input', `The answer is none of the options: ${allowed}.`, { fields })
}
