import type { Content } from '../domain/content.ts'
import type { NewEvent } from '../domain/event.ts'
import type { ModelResponse } from '../model/model.ts'
import type { Attempt, AttemptEnd, RunSteps, Yielded } from './attempt.ts'
import { callModel, estimateUsage } from './call-model.ts'
import { carryOutActions, requestActions, settleInterrupted } from './carry-out-actions.ts'
import { contentsToRead, foldConversation } from './conversation.ts'

/**
 * One run from where its journal stands to its end: settle what a crash left open, then step by step: take in new messages,
 * ask the model, carry out its actions. Yields what is to be committed; whoever drives it may stop after any boundary.
 */
export async function* driveRun(attempt: Attempt): RunSteps<AttemptEnd> {
  const { journal, conversation, control } = attempt
  const { id, config: frozen } = journal.snapshot.run
  if (frozen.ownKey && !attempt.rooms.runKeys.has(id)) {
    return yield* fail(
      attempt,
      'credential_lost',
      'The model key that came with the task was lost when the server stopped.',
    )
  }
  yield* settleCrash(attempt)
  for (;;) {
    if (control.stopAt !== 'never') yield { events: [], contents: [], boundary: true }
    await takeInMessages(attempt)
    const { config } = journal.snapshot.run
    if (conversation.step >= config.stepsMax) {
      return yield* fail(attempt, 'steps_exhausted', `The run used all of its ${config.stepsMax} steps.`)
    }
    const result = yield* callModel(attempt)
    if (result.kind === 'failed') return yield* fail(attempt, result.code, result.message, result.configuration)
    const { response, events, contents } = result
    const step = conversation.step + 1
    if (response.toolCalls.length > 0) {
      yield* carryOutResponse(attempt, step, response, events, contents)
      continue
    }
    const end = endOf(attempt, events, contents)
    if (yield end.batch) return end.end
    // A message came while the model spoke: its answer stands as a step, and the run goes on.
    yield { events, contents, boundary: true }
    control.openCall = undefined
    recordInConversation(attempt, step, response)
  }
}

async function* settleCrash(attempt: Attempt): RunSteps<void> {
  const { rooms, journal, conversation, instructions } = attempt
  const { run } = journal.snapshot
  if (conversation.cutStep !== null) {
    const usage = estimateUsage(conversation.messages, instructions, 0)
    const cost = await rooms.models.priceMicrosUsd(run.config.model, usage)
    const facts = {
      step: conversation.cutStep,
      try: 1,
      code: 'attempt_lost',
      message: 'The server stopped during the call.',
    }
    const charge = { ...facts, will_retry: true, usage, cost_micros_usd: cost, estimated: true }
    yield { events: [journal.event('model.failed', charge)], contents: [] }
    conversation.cutStep = null
  }
  if (conversation.open.length === 0) return
  yield* carryOutActions(attempt, conversation.step, settleInterrupted(attempt))
}

/** Gives the model what was said since it was last asked. */
async function takeInMessages(attempt: Attempt): Promise<void> {
  const { rooms, journal, control, conversation } = attempt
  if (!control.journalGrew && journal.seenSeq === journal.snapshot.task.lastSeq) return
  control.journalGrew = false
  const events = await rooms.store.readEvents(journal.snapshot.task.id, journal.seenSeq, rooms.limits.page_size_max)
  const last = events.at(-1)
  if (last === undefined) return
  const messages = events.filter((event) => event.kind === 'message.added')
  foldConversation(conversation, messages, await rooms.store.readContents(contentsToRead(messages)))
  journal.seen(last.seq)
  if (events.length === rooms.limits.page_size_max) {
    control.journalGrew = true
    await takeInMessages(attempt)
  }
}

async function* carryOutResponse(
  attempt: Attempt,
  step: number,
  response: ModelResponse,
  events: NewEvent[],
  contents: Content[],
): RunSteps<void> {
  const { conversation } = attempt
  recordInConversation(attempt, step, response)
  const requested = requestActions(attempt, step, response.toolCalls)
  conversation.open = requested.actions
  yield* carryOutActions(attempt, step, {
    events: [...events, ...requested.events],
    contents: [...contents, ...requested.contents],
  })
}

function recordInConversation(attempt: Attempt, step: number, response: ModelResponse): void {
  const { conversation, journal } = attempt
  const { provider, model } = journal.snapshot.run.config.model
  conversation.step = step
  conversation.messages.push({
    role: 'assistant',
    text: response.text,
    toolCalls: response.toolCalls,
    verbatim: response.messages === null ? null : { provider, model, messages: response.messages },
  })
}

const blockedError = {
  code: 'action_denied',
  message: 'The guard denied the last action that the run wanted, and none was allowed after it.',
}

function endOf(attempt: Attempt, events: NewEvent[], contents: Content[]): { batch: Yielded; end: AttemptEnd } {
  const { journal, conversation } = attempt
  const text = events.at(-1)?.contents['text']
  const result = journal.text('')
  const refs = { result: text ?? result.digest }
  const blocked = conversation.lastAnswer !== 'allow' && conversation.lastAnswer !== null
  const end = blocked
    ? journal.event('run.blocked', { error: blockedError }, refs)
    : journal.event('run.succeeded', {}, refs)
  const batch = { events: [...events, end], contents: text === undefined ? [...contents, result] : contents }
  const state = blocked ? 'blocked' : 'succeeded'
  return { batch: { ...batch, onlyIfUnchanged: true }, end: { kind: 'ended', state, configuration: false } }
}

async function* fail(attempt: Attempt, code: string, message: string, configuration = false): RunSteps<AttemptEnd> {
  yield { events: [attempt.journal.event('run.failed', { error: { code, message } })], contents: [] }
  return { kind: 'ended', state: 'failed', configuration }
}
