import { sleep } from '../clock/clock.ts'
import { ModelError, type ModelResponse } from '../model/model.ts'
import { type Attempt, nothingPending, type Pending, type RunSteps } from './attempt.ts'
import { type AfterFailure, type RecordedResponse, recordFailure, recordResponse } from './record-call.ts'
import { offersFor, reserveCall, unsentCall } from './reserve-call.ts'
import { createPublishDelta, streamCall } from './stream-call.ts'

/** The result of one step's model call. */
export type StepResult =
  | ({ readonly kind: 'responded'; readonly response: ModelResponse } & RecordedResponse)
  /** A stop came before there was a response. The pending writes are to be committed at the boundary. */
  | { readonly kind: 'stopped'; readonly pending: Pending }
  | FailedStep

/** A step whose call failed for good, with the code and message that the run fails with. */
export interface FailedStep {
  readonly kind: 'failed'
  readonly code: string
  readonly message: string
  readonly configuration: boolean
  /** These writes belong into the commit that ends the run. */
  readonly pending: Pending
}

const exhausted = {
  code: 'budget_exhausted',
  message: 'What is left of the budget does not pay for another call of the model.',
}

/** The error of a run whose model used more than was reserved for a call. */
export const overdrawn = {
  code: 'budget_overdrawn',
  message: 'A call of the model used more than had been reserved for it; what was used is charged.',
}

/**
 * Asks the model for the next step: it reserves, sends and streams, and records. A failed try is recorded and tried again
 * after a delay, as long as the retry rule and the step's time allow it. The pending writes are committed with the
 * reservation. The response itself is not committed here: the caller decides what goes into the same commit.
 */
export async function* callModel(attempt: Attempt, pending: Pending): RunSteps<StepResult> {
  const { deps, journal, control, conversation } = attempt
  const { config } = journal.snapshot.run
  const step = conversation.step + 1
  const endAt = deps.clock.now() + config.stepTimeoutMs
  const tools = offersFor(deps, config)
  const publish = createPublishDelta(attempt, step)
  let reserved = unsentCall(attempt) ?? (yield* reserveCall(attempt, step, tools, pending))
  for (;;) {
    if (reserved === 'exhausted')
      return { kind: 'failed', configuration: false, pending: nothingPending(), ...exhausted }
    if (reserved === 'stopped') return { kind: 'stopped', pending }
    control.signal.throwIfAborted()
    const { call, response } = streamCall(attempt, reserved, tools, endAt, publish)
    try {
      const responded = await response
      return { kind: 'responded', response: responded, ...(await recordResponse(attempt, call, responded)) }
    } catch (error) {
      control.signal.throwIfAborted() // whoever aborted the attempt charges the call
      if (!(error instanceof ModelError)) throw error
      const next = yield* recordFailure(attempt, call, error, tools, endAt)
      if (next.kind !== 'retry') return afterFailure(next, error)
      await sleep(deps.clock, next.delayMs, control.signal)
      if (control.stopAt !== 'never') return { kind: 'stopped', pending: nothingPending() }
      reserved = next.call
    }
  }
}

function afterFailure({ kind, pending }: Exclude<AfterFailure, { kind: 'retry' }>, error: ModelError): StepResult {
  switch (kind) {
    case 'stopped':
      return { kind, pending }
    case 'exhausted':
      return { kind: 'failed', configuration: false, pending, ...exhausted }
    case 'overdrawn':
      return { kind: 'failed', configuration: false, pending, ...overdrawn }
    case 'failed': {
      const { code, message, configuration } = error
      return { kind, code, message, configuration, pending }
    }
  }
}
