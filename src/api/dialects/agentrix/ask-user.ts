import type { Content } from '../../../domain/content.ts'
import { readableText } from '../../../domain/content.ts'
import type { EventOf, JournalEvent } from '../../../domain/event.ts'
import type { JsonObject, JsonValue } from '../../../domain/json.ts'
import type { AnswerOutcome, PromptState, QuestionItem } from '../../../domain/prompt.ts'
import type { Store } from '../../../store/store.ts'
import type { ResponseStatus, responseReasons } from './contract/task-message.ts'

/** The messages of a question and of its answer, as clients of agents know them. */
export type AskUserMessage =
  | {
      readonly type: 'ask_user'
      readonly promptId: string
      readonly tool_use_id: string | null
      readonly expiresAt: string | null
      readonly questions: readonly object[]
    }
  | {
      readonly type: 'ask_user_response'
      readonly promptId: string
      readonly answers: readonly JsonValue[]
      readonly status: ResponseStatus
      readonly reason: (typeof responseReasons)[number]
      readonly message?: string
    }

type SettledEvent = EventOf<'prompt.answered'> | EventOf<'prompt.expired'> | EventOf<'prompt.withdrawn'>

/** Whether the event settles a prompt. */
export function settlesPrompt(event: JournalEvent): event is SettledEvent {
  const { kind } = event
  return kind === 'prompt.answered' || kind === 'prompt.expired' || kind === 'prompt.withdrawn'
}

const pageSize = 200

/**
 * Finds the events that opened the prompts which these events settle. They are in the same page mostly, or shortly before it,
 * because a run that waits writes little.
 */
export async function findOpened(
  { readEvents }: Pick<Store, 'readEvents'>,
  taskId: string,
  events: readonly JournalEvent[],
): Promise<ReadonlyMap<string, EventOf<'prompt.opened'>>> {
  const opened = new Map<string, EventOf<'prompt.opened'>>()
  const missing = new Set(events.filter(settlesPrompt).map(({ facts }) => facts.prompt))
  const look = (some: readonly JournalEvent[]) => {
    for (const event of some) {
      if (event.kind === 'prompt.opened' && missing.delete(event.facts.prompt)) opened.set(event.facts.prompt, event)
    }
  }
  look(events)
  const first = events.find(settlesPrompt)?.seq ?? 0
  for (let end = first; missing.size > 0 && end > 0; end -= pageSize) {
    look(await readEvents(taskId, Math.max(0, end - pageSize), Math.min(pageSize, end)))
  }
  return opened
}

/** Reads what a question asks. It is nothing once it is purged. */
export function questionsIn(payload: Content | undefined): readonly QuestionItem[] {
  // The runner wrote it.
  return (objectIn(payload)['questions'] ?? []) as unknown as readonly QuestionItem[]
}

/** Shows a question, in the form of the agent SDK's own tool for it. */
export function askUser(
  { facts }: EventOf<'prompt.opened'>,
  questions: readonly QuestionItem[],
  instantOf: (ms: number) => string,
): AskUserMessage {
  return {
    type: 'ask_user',
    promptId: facts.prompt,
    tool_use_id: facts.action,
    expiresAt: facts.expires_at === null ? null : instantOf(facts.expires_at),
    questions: questions.map(({ id, question, options, multiple, default: byDefault }) => ({
      id,
      question,
      options: options.map((label) => ({ label })),
      multiSelect: multiple,
      default: byDefault,
    })),
  }
}

/** Shows how a question was settled, with the answers in its order. */
export function askUserResponse(
  event: SettledEvent,
  questions: readonly QuestionItem[],
  answer: Content | undefined,
): AskUserMessage {
  const shown = { type: 'ask_user_response', promptId: event.facts.prompt } as const
  switch (event.kind) {
    case 'prompt.answered': {
      const { data, message } = objectIn(answer)
      const status = statusOf('answered', event.facts.outcome)
      const answers = status === 'answered' ? inOrder(questions, data) : []
      return { ...shown, answers, status, reason: 'user', ...(typeof message === 'string' && { message }) }
    }
    case 'prompt.expired': {
      const counts = event.facts.outcome === 'default'
      const answers = counts ? questions.map((question) => question.default) : []
      return { ...shown, answers, status: 'timeout', reason: 'timeout' }
    }
    case 'prompt.withdrawn':
      return { ...shown, answers: [], status: 'cancelled', reason: 'system' }
  }
}

/** Agentrix's word for how a prompt was settled. */
export function statusOf(state: PromptState, outcome: AnswerOutcome | null): ResponseStatus {
  if (state === 'expired') return 'timeout'
  return state === 'answered' && outcome !== 'declined' && outcome !== 'denied' ? 'answered' : 'cancelled'
}

function inOrder(questions: readonly QuestionItem[], data: JsonValue | undefined): JsonValue[] {
  const answers = isObject(data) ? data['answers'] : undefined
  return isObject(answers) ? questions.map(({ id }) => answers[id] ?? null) : []
}

function objectIn(content: Content | undefined): JsonObject {
  const text = readableText(content)
  const value: JsonValue = text === undefined ? null : JSON.parse(text)
  return isObject(value) ? value : {}
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
