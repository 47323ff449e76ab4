import type { Content } from '../domain/content.ts'
import type { NewEvent } from '../domain/event.ts'
import type { ModelResponse } from '../model/model.ts'
import { type Attempt, type AttemptEnd, nothingPending, type Pending, type RunSteps, type Yielded } from './attempt.ts'
import { callModel, chargeEstimate, estimateUsage, overdrawnEnd, releaseCall } from './call-model.ts'
import { carryOutActions, requestActions, settleInterrupted, settleOpen } from './carry-out-actions.ts'
import { say } from './conversation.ts'
import { isStale, syncJournal } from './sync-journal.ts'

/**
 * One run from where its journal stands to its end: settle what a crash left open, then step by step: take in new messages,
 * ask the model, carry out its actions. Yields what is to be committed; whoever drives it may stop after any boundary.
 */
export async function* driveRun(attempt: Attempt): RunSteps<AttemptEnd> {
  const { journal, conversation, control } = attempt
  const { id, config: frozen } = journal.snapshot.run
  yield* chargeCutCall(attempt)
  if (frozen.ownKey && !attempt.rooms.runKeys.has(id)) {
    const message = 'The model key that came with the task was lost when the server stopped.'
    return yield* fail(attempt, 'credential_lost', message, settleOpen(attempt))
  }
  let pending = yield* settleCrash(attempt)
  for (;;) {
    if (control.stopAt !== 'never') {
      yield { ...withUnmadeCall(attempt, pending), boundary: true }
      pending = nothingPending()
    }
    // What a step that has started is to be given was counted: what came since is told at the next one.
    if (attempt.unmade === undefined && isStale(attempt)) await syncJournal(attempt)
    const { config } = journal.snapshot.run
    if (conversation.step >= config.stepsMax) {
      return yield* fail(attempt, 'steps_exhausted', `The run used all of its ${config.stepsMax} steps.`, pending)
    }
    const result = yield* callModel(attempt, pending)
    pending = nothingPending()
    if (result.kind === 'failed') {
      const recorded = { ...pending, events: result.events }
      return yield* fail(attempt, result.code, result.message, recorded, result.configuration)
    }
    const { response, events, contents } = result
    if (result.overdrawn) {
      return yield* fail(attempt, overdrawnEnd.code, overdrawnEnd.message, { ...pending, events, contents })
    }
    const step = conversation.step + 1
    if (response.toolCalls.length > 0) {
      pending = yield* carryOutResponse(attempt, step, response, events, contents)
      continue
    }
    const end = yield* finish(attempt, step, response, { ...pending, events, contents })
    if (end !== undefined) return end
  }
}

/** A step that the claim has started and that is not called, since the run stops before: nothing is charged for it. */
function withUnmadeCall(attempt: Attempt, pending: Pending): Pending {
  const { unmade, journal } = attempt
  if (unmade === undefined) return pending
  attempt.unmade = undefined
  const released = journal.event('model.failed', releaseCall(unmade, 'stopped'))
  return { ...pending, events: [...pending.events, released] }
}

/**
 * Ends the run with its answer; undefined where a message came while the model spoke: then the answer stands as a step, and
 * the run goes on.
 */
async function* finish(
  attempt: Attempt,
  step: number,
  response: ModelResponse,
  answered: Pending,
): RunSteps<AttemptEnd | undefined> {
  const { conversation } = attempt
  for (;;) {
    const end = endOf(attempt, answered.events, answered.contents)
    if (yield end.batch) return end.end
    const told = conversation.messages.length
    await syncJournal(attempt)
    // What others wrote was no message (a sub-task gave back what it had left): there is nothing to answer.
    if (conversation.messages.length === told) continue
    // The model spoke before it was told: so it stands in the conversation.
    const said = conversation.messages.splice(told)
    recordInConversation(attempt, step, response)
    conversation.messages.push(...said)
    yield { ...answered, boundary: true }
    return undefined
  }
}

/** A call that a crash cut may have been made, and is charged its estimate. */
async function* chargeCutCall(attempt: Attempt): RunSteps<void> {
  const { rooms, journal, conversation, instructions } = attempt
  const { run } = journal.snapshot
  if (conversation.cut === null) return
  const { step, reserved } = conversation.cut
  const estimate = estimateUsage(conversation.messages, instructions, 0)
  const charge = await chargeEstimate(rooms.models, run.config.model, estimate, reserved)
  const facts = { step, try: 1, code: 'attempt_lost', message: 'The server stopped during the call.' }
  const failed = { ...facts, will_retry: true, released: reserved, ...charge }
  yield { events: [journal.event('model.failed', failed)], contents: [] }
  conversation.cut = null
}

async function* settleCrash(attempt: Attempt): RunSteps<Pending> {
  const { conversation } = attempt
  if (conversation.open.length === 0) return nothingPending()
  return yield* carryOutActions(attempt, conversation.step, settleInterrupted(attempt))
}

async function* carryOutResponse(
  attempt: Attempt,
  step: number,
  response: ModelResponse,
  events: NewEvent[],
  contents: Content[],
): RunSteps<Pending> {
  const { conversation } = attempt
  recordInConversation(attempt, step, response)
  const requested = requestActions(attempt, step, response.toolCalls)
  conversation.open = requested.actions
  return yield* carryOutActions(attempt, step, {
    events: [...events, ...requested.events],
    contents: [...contents, ...requested.contents],
    statements: [],
  })
}

function recordInConversation(attempt: Attempt, step: number, response: ModelResponse): void {
  const { conversation, journal } = attempt
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
    message: 'The guard denied the last action that the run wanted, and none was allowed after it.',
  },
  final: { code: 'action_denied', message: 'The guard denied an action, and the policy of the run makes that final.' },
}

function endOf(attempt: Attempt, events: NewEvent[], contents: Content[]): { batch: Yielded; end: AttemptEnd } {
  const { journal, conversation, policy } = attempt
  const text = events.at(-1)?.contents['text']
  const result = journal.text('')
  const refs = { result: text ?? result.digest }
  const last = conversation.lastAnswer !== 'allow' && conversation.lastAnswer !== null ? blockedErrors.last : undefined
  const blocked = policy.document.denial_is_final && conversation.denied ? blockedErrors.final : last
  const end =
    blocked === undefined
      ? journal.event('run.succeeded', {}, refs)
      : journal.event('run.blocked', { error: blocked }, refs)
  const batch = { events: [...events, end], contents: text === undefined ? [...contents, result] : contents }
  const state = blocked === undefined ? 'succeeded' : 'blocked'
  return { batch: { ...batch, onlyIfUnchanged: true }, end: { kind: 'ended', state, configuration: false } }
}

async function* fail(
  attempt: Attempt,
  code: string,
  message: string,
  pending: Pending,
  configuration = false,
): RunSteps<AttemptEnd> {
  const failed = attempt.journal.event('run.failed', { error: { code, message } })
  yield { ...pending, events: [...pending.events, failed] }
  return { kind: 'ended', state: 'failed', configuration }
}
