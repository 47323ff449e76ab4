import type { Digest } from './content.ts'
import type { JsonObject, JsonValue } from './json.ts'

/**
 * The kinds of prompts: the agent asks a `question`; an action needs an `approval`; a `plan` is to be approved; the `budget` does
 * not hold what is wanted.
 */
export const promptKinds = ['question', 'approval', 'plan', 'budget'] as const
/** The kind of a prompt. */
export type PromptKind = (typeof promptKinds)[number]

/** The states of a prompt. It is settled once, and never leaves a state other than `open`. */
export const promptStates = ['open', 'answered', 'expired', 'withdrawn'] as const
/** The state of a prompt. */
export type PromptState = (typeof promptStates)[number]

/**
 * The outcomes of an answer: a question is `answered`; anything else is `approved` or `denied`. `declined` says that nobody will
 * answer a question.
 */
export const answerOutcomes = ['answered', 'declined', 'approved', 'denied'] as const
/** The outcome of an answer. */
export type AnswerOutcome = (typeof answerOutcomes)[number]

/**
 * The outcomes of a prompt that nobody answered in time: the run fails or is cancelled, the action is denied (a question is
 * declined), or the prompt's own default counts as its answer.
 */
export const expiryOutcomes = ['fail', 'cancel', 'deny', 'default'] as const
/** The outcome of a prompt that nobody answered in time. */
export type ExpiryOutcome = (typeof expiryOutcomes)[number]

/** Why a prompt was withdrawn: its run has ended, or went on without an answer. */
export const withdrawalReasons = ['run_ended', 'moved_on'] as const
/** How a person who answers was authenticated. */
export const answerChannels = ['key', 'token', 'link'] as const
/** How a person who answers was authenticated. */
export type AnswerChannel = (typeof answerChannels)[number]

/** A person who answered or tried to: the user and the key, which is null for a JSON web token and a link. */
export interface Responder {
  readonly user: string
  readonly key: string | null
  readonly via: AnswerChannel
}

/** A request of a run to a person, for which the run waits. Its payload and its answer are contents, and go with them. */
export interface Prompt {
  readonly id: string
  readonly taskId: string
  readonly runId: string
  /** The owner and the team of the task, by which inboxes list it. */
  readonly ownerId: string
  readonly teamId: string | null
  readonly kind: PromptKind
  /** The step and the action that it comes from. A budget and a plan belong to no action. */
  readonly step: number
  readonly action: string | null
  /** The tool of the action. */
  readonly tool: string | null
  /** The categories by which the policy asks for an approval. */
  readonly categories: readonly string[]
  /** Counts the proposals of a plan; 1 for everything else. */
  readonly version: number
  readonly payload: Digest
  readonly state: PromptState
  readonly openedAt: number
  readonly expiresAt: number | null
  readonly onExpiry: ExpiryOutcome
  readonly settledAt: number | null
  readonly outcome: AnswerOutcome | null
  readonly answeredBy: Responder | null
  readonly answer: Digest | null
}

/** The prompt as it was when it was opened, whatever came of it since. */
export function asOpened(prompt: Prompt): Prompt {
  return { ...prompt, state: 'open', settledAt: null, outcome: null, answeredBy: null, answer: null }
}

/** One thing that a question asks. */
export interface QuestionItem {
  /** Names its answer within the question. */
  readonly id: string
  readonly question: string
  /** The answers to choose from. Without any the answer is free text. */
  readonly options: readonly string[]
  /** Whether several options may be chosen. */
  readonly multiple: boolean
  /** The answer that counts where nobody answers in time. */
  readonly default: string | null
}

/** The payload of a question, as its content holds it. */
export interface QuestionPayload {
  readonly questions: readonly QuestionItem[]
}

/** A question with how long it stays open, and what counts then. */
export interface Question extends QuestionPayload {
  /** Milliseconds, or null where it is open until its run ends. */
  readonly expiresInMs: number | null
  readonly onExpiry: ExpiryOutcome
}

/** The content of an answer: the data that fits the prompt's schema, and a message to the agent where there is one. */
export interface PromptAnswer {
  readonly data: JsonObject
  readonly message: string | null
}

/** The answers that count where nobody answers in time, by the ids of the items. An item without a default is left out. */
export function defaultAnswers({ questions }: QuestionPayload): JsonObject {
  return Object.fromEntries(questions.flatMap((item) => (item.default === null ? [] : [[item.id, item.default]])))
}

/** The JSON Schema (draft 2020-12) of a valid answer to a question. */
export function schemaOfAnswers({ questions }: QuestionPayload): JsonValue {
  const properties = Object.fromEntries(questions.map((item) => [item.id, schemaOfItem(item)]))
  const answers = { type: 'object', properties, required: Object.keys(properties), additionalProperties: false }
  return { type: 'object', properties: { answers }, required: ['answers'], additionalProperties: false }
}

function schemaOfItem({ question, options, multiple }: QuestionItem): JsonObject {
  const one: JsonObject =
    options.length === 0 ? { type: 'string', minLength: 1 } : { type: 'string', enum: [...options] }
  if (!multiple) return { title: question, ...one }
  return { title: question, type: 'array', items: one, uniqueItems: true, minItems: 1 }
}
