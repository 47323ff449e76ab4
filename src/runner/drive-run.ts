import type { ModelResponse } from '../model/model.ts'
import { type Attempt, type AttemptEnd, nothingPending, type Pending, type RunSteps } from './attempt.ts'
import { callModel, overdrawn } from './call-model.ts'
import { endUnanswered, failRun, finishRun, sayResponse } from './finish-run.ts'
import { interruptOwnCall } from './record-call.ts'
import { recoverCall, recoverRun, settleOpenActions } from './recover-run.ts'
import { unsentCall } from './reserve-call.ts'
import { requestActions, runToolCalls, type ToolCallsEnd } from './run-tool-calls.ts'
import { isStale, syncJournal } from './sync-journal.ts'

/**
 * Drives one run from where its journal stands to its end. It recovers what an earlier attempt left behind; then, step by
 * step, it syncs the journal, asks the model and runs its tool calls, until the model answers without one. It yields batches
 * to be committed; `run-attempt.ts` commits them and may stop after any boundary. Where all that is left to do waits for people,
 * the attempt ends, and another one goes on from there once they have answered.
 */
export async function* driveRun(attempt: Attempt): RunSteps<AttemptEnd> {
  const { journal, conversation, control } = attempt
  if (isModelKeyLost(attempt)) {
    yield* recoverCall(attempt)
    return yield* failRun(attempt, keyLost, settleOpenActions(attempt))
  }
  let calls = yield* recoverRun(attempt)
  for (;;) {
    if (calls.kind === 'waiting') return calls
    if (calls.kind === 'unanswered') return yield* endUnanswered(attempt, calls)
    let { pending } = calls
    if (control.stopAt !== 'never') {
      yield { ...(await withoutReservation(attempt, pending)), boundary: true }
      pending = nothingPending()
    }
    // The reservation already counted the input of a started step. Messages that came since then are read before the next
    // one.
    if (unsentCall(attempt) === undefined && isStale(attempt)) await syncJournal(attempt)
    const { stepsMax } = journal.snapshot.run.config
    if (conversation.step >= stepsMax) return yield* failRun(attempt, stepsExhausted(stepsMax), pending)

    const result = yield* callModel(attempt, pending)
    if (result.kind === 'stopped') {
      calls = { kind: 'settled', pending: result.pending }
      continue
    }
    if (result.kind === 'failed') return yield* failRun(attempt, result, result.pending)
    const responded = { events: result.events, contents: result.contents, statements: [] }
    if (result.overdrawn) return yield* failRun(attempt, overdrawn, responded)

    const step = conversation.step + 1
    if (result.response.toolCalls.length > 0) {
      calls = yield* runResponse(attempt, step, result.response, responded)
    } else {
      const end = yield* finishRun(attempt, step, result.response, responded)
      if (end !== undefined) return end
      calls = { kind: 'settled', pending: nothingPending() }
    }
  }
}

const keyLost = {
  code: 'credential_lost',
  message: 'The model key that came with the task was lost when the server stopped.',
}

const stepsExhausted = (most: number) => ({
  code: 'steps_exhausted',
  message: `The task used all of its ${most} steps.`,
})

function isModelKeyLost({ deps, journal }: Attempt): boolean {
  const { id, config } = journal.snapshot.run
  return config.ownKey === true && !deps.runKeys.has(id)
}

/** Gives the reservation back where the run stops before its call is sent. Nothing is charged then. */
async function withoutReservation(attempt: Attempt, pending: Pending): Promise<Pending> {
  if (unsentCall(attempt) === undefined) return pending
  const { events } = await interruptOwnCall(attempt, attempt.control.stopAt === 'pause' ? 'stopped' : 'handed_back')
  return { ...pending, events: [...pending.events, ...events] }
}

/** Runs the tool calls of a response. Response, intents, first decision and its statement are one commit. */
async function* runResponse(
  attempt: Attempt,
  step: number,
  response: ModelResponse,
  responded: Pending,
): RunSteps<ToolCallsEnd> {
  sayResponse(attempt, step, response)
  const requested = requestActions(attempt, step, response.toolCalls)
  attempt.conversation.open = requested.actions
  return yield* runToolCalls(attempt, step, {
    events: [...responded.events, ...requested.events],
    contents: [...responded.contents, ...requested.contents],
    statements: [],
  })
}
