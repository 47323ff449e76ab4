import type { Content } from '../domain/content.ts'
import type { NewEvent } from '../domain/event.ts'
import type { ModelResponse } from '../model/model.ts'
import {
  type Attempt,
  type AttemptEnd,
  type CommitRequest,
  joinPending,
  type Pending,
  type RunSteps,
} from './attempt.ts'
import { awaitsAnswer, say } from './conversation.ts'
import { settleOpenActions } from './recover-run.ts'
import type { ToolCallsEnd } from './run-tool-calls.ts'
import { syncJournal } from './sync-journal.ts'

/**
 * Ends the run with its answer, in one commit. Answers undefined where a message came while the model spoke: then the answer
 * stands as a step, and the run goes on. Invariant: a message that was acknowledged before the end of the run is answered by
 * it ("a message that comes while the last answer is spoken is answered too", src/engine/run-life.test.ts).
 */
export async function* finishRun(
  attempt: Attempt,
  step: number,
  response: ModelResponse,
  answered: Pending,
): RunSteps<AttemptEnd | undefined> {
  const { conversation } = attempt
  for (;;) {
    const { request, end } = endOf(attempt, answered.events, answered.contents)
    if (yield request) return end
    const before = conversation.messages.length
    await syncJournal(attempt)
    // Where others appended no message (a sub-task gave budget back), there is nothing to answer.
    if (conversation.messages.length === before) continue
    // The model answered before it could read these messages, so its answer stands before them.
    const messages = conversation.messages.splice(before)
    sayResponse(attempt, step, response)
    conversation.messages.push(...messages)
    yield { ...answered, boundary: true }
    return undefined
  }
}

/** Ends the run as failed, in one commit with the pending writes. */
export async function* failRun(
  attempt: Attempt,
  error: { readonly code: string; readonly message: string; readonly configuration?: boolean },
  pending: Pending,
): RunSteps<AttemptEnd> {
  const { code, message, configuration = false } = error
  yield* commitEnd(attempt, attempt.journal.event('run.failed', { error: { code, message } }), pending)
  return { kind: 'ended', state: 'failed', configuration }
}

/** Ends the run as a prompt declared it that nobody answered in time. */
export async function* endUnanswered(
  attempt: Attempt,
  { onExpiry, pending }: Extract<ToolCallsEnd, { kind: 'unanswered' }>,
): RunSteps<AttemptEnd> {
  const both = joinPending(pending, settleOpenActions(attempt))
  if (onExpiry === 'fail') return yield* failRun(attempt, unanswered, both)
  yield* commitEnd(attempt, attempt.journal.event('run.cancelled', { by: 'expiry' }), both)
  return { kind: 'ended', state: 'cancelled', configuration: false }
}

const unanswered = { code: 'prompt_expired', message: 'Nobody answered in time what the agent had asked.' }

/** Commits the end of a run that leaves prompts open: they are withdrawn, unless somebody has just settled them. */
async function* commitEnd(attempt: Attempt, end: NewEvent, pending: Pending): RunSteps<void> {
  for (;;) {
    const withdrawn = withdrawPrompts(attempt)
    const request = { ...pending, events: [...pending.events, ...withdrawn, end] }
    if (yield { ...request, onlyIfUnchanged: withdrawn.length > 0 }) return
    await syncJournal(attempt)
  }
}

/** Makes the events that withdraw what people can still answer, for a run that ends. */
export function withdrawPrompts({ journal, conversation }: Attempt): NewEvent[] {
  return conversation.open.flatMap((open) =>
    open.prompt !== null && awaitsAnswer(open)
      ? [journal.event('prompt.withdrawn', { prompt: open.prompt.id, reason: 'run_ended' })]
      : [],
  )
}

/** Appends a response to the conversation and counts its step. */
export function sayResponse({ conversation, journal }: Attempt, step: number, response: ModelResponse): void {
  const { provider, model } = journal.snapshot.run.config.model
  conversation.step = step
  say(conversation, {
    role: 'assistant',
    text: response.text,
    toolCalls: response.toolCalls,
    verbatim: response.messages === null ? null : { provider, model, messages: response.messages },
  })
}

const blockedErrors = {
  last: {
    code: 'action_denied',
    message: 'The guard denied the last action that the agent wanted, and none was allowed after it.',
  },
  final: { code: 'action_denied', message: 'The guard denied an action, and the policy of the task makes that final.' },
}

/**
 * Decides how the run ends. `blocked` follows from the journal alone: from the last decision, or from any decision where the
 * policy makes a denial final.
 */
function endOf(
  { journal, conversation, policy }: Attempt,
  events: readonly NewEvent[],
  contents: readonly Content[],
): { request: CommitRequest; end: AttemptEnd } {
  const text = events.at(-1)?.contents['text']
  const empty = journal.text('')
  const refs = { result: text ?? empty.digest }
  const { lastAnswer } = conversation
  const last = lastAnswer === 'allow' || lastAnswer === null ? undefined : blockedErrors.last
  const blocked = policy.document.denial_is_final && conversation.denied ? blockedErrors.final : last
  const end =
    blocked === undefined
      ? journal.event('run.succeeded', {}, refs)
      : journal.event('run.blocked', { error: blocked }, refs)
  return {
    request: {
      events: [...events, end],
      contents: text === undefined ? [...contents, empty] : contents,
      onlyIfUnchanged: true,
    },
    end: { kind: 'ended', state: blocked === undefined ? 'succeeded' : 'blocked', configuration: false },
  }
}
