import type { Content } from '../domain/content.ts'
import type { CallInterruption, EventFacts, NewEvent } from '../domain/event.ts'
import { modelRetryRule, retryDelayMs } from '../domain/retry.ts'
import type { ModelChoice } from '../domain/task.ts'
import type { ModelError, ModelResponse, Models, ToolOffer } from '../model/model.ts'
import type { Attempt, Pending, RunSteps } from './attempt.ts'
import { amountsOf, chargeFailed, chargeInterrupted, overdraws, type Price } from './call-charges.ts'
import { planNext } from './reserve-call.ts'
import type { ReservedCall, SentCall, UnsentCall } from './reserved-call.ts'
import { syncJournal } from './sync-journal.ts'

/** The events and contents that record a response. They go into the commit of what follows from it. */
export interface RecordedResponse {
  readonly events: NewEvent[]
  readonly contents: Content[]
  /** True where the response used more than was reserved for it. */
  readonly overdrawn: boolean
}

/**
 * Records a response: it charges the usage that the provider reported, and releases the reservation. Nothing is committed here.
 * The texts are kept under fresh salts, and the provider's verbatim messages too, unless the response is overdrawn.
 */
export async function recordResponse(
  attempt: Attempt,
  { step, reserved }: SentCall,
  response: ModelResponse,
): Promise<RecordedResponse> {
  const { deps, journal } = attempt
  const { model } = journal.snapshot.run.config
  const { usage } = response
  const cost = await deps.models.priceMicrosUsd(model, usage)
  const used = amountsOf({ usage, cost_micros_usd: cost })
  const overdrawn = overdraws(reserved, used)
  const kept = new KeptTexts(attempt)
  kept.add('text', response.text)
  kept.add('reasoning', response.reasoning)
  // The tool calls of an overdrawn response are not run: repeated verbatim, it would hold calls without results.
  if (response.messages !== null && !overdrawn) {
    const verbatim = { provider: model.provider, model: model.model, messages: response.messages }
    kept.add('provider', JSON.stringify(verbatim), 'application/json')
  }
  const facts: EventFacts['model.responded'] = {
    step,
    finish: response.finish,
    usage,
    cost_micros_usd: cost,
    released: reserved,
    calls: response.toolCalls.length,
    estimated: response.usageEstimated ? true : undefined,
  }
  const events = [journal.event('model.responded', facts, kept.digests)]
  if (overdrawn) events.push(journal.event('budget.overdrawn', { of: `step ${step}`, reserved, used }))
  return { events, contents: kept.contents, overdrawn }
}

/** Collects texts as contents, under the roles by which the event refers to them. An empty text is not kept. */
class KeptTexts {
  readonly contents: Content[] = []
  readonly digests: Record<string, string> = {}
  readonly #journal: Attempt['journal']
  constructor({ journal }: Pick<Attempt, 'journal'>) {
    this.#journal = journal
  }
  add(role: string, text: string, mediaType?: string): void {
    if (text === '') return
    const content = this.#journal.text(text, mediaType)
    this.contents.push(content)
    this.digests[role] = content.digest
  }
}

/** The consequence of a failed call. The pending events go into the commit that ends or stops the run. */
export type AfterFailure =
  | { readonly kind: 'retry'; readonly call: UnsentCall; readonly delayMs: number }
  | { readonly kind: 'overdrawn' | 'exhausted' | 'failed' | 'stopped'; readonly pending: Pending }

/**
 * Settles a call that failed. Where it may be tried again, one commit holds both its failure and the reservation for the next
 * try. Where it may not, nothing is committed yet.
 */
export async function* recordFailure(
  attempt: Attempt,
  call: SentCall,
  error: ModelError,
  tools: readonly ToolOffer[],
  endAt: number,
): RunSteps<AfterFailure> {
  const { deps, journal, control } = attempt
  const { step, tryNumber, reserved } = call
  const charge = await chargeFailed(call, error, priceOf(deps.models, journal.snapshot.run.config.model))
  const delayMs = delayBefore(attempt, error, tryNumber, endAt)
  const { code, message } = error
  const facts = { step, try: tryNumber, code, message, will_retry: false, released: reserved, ...charge }
  const used = amountsOf(charge)
  for (;;) {
    const settled = journal.event('model.failed', facts)
    if (overdraws(reserved, used)) {
      const overdrawn = journal.event('budget.overdrawn', { of: `step ${step}`, reserved, used })
      return { kind: 'overdrawn', pending: pendingEvents(settled, overdrawn) }
    }
    if (delayMs === undefined) return { kind: 'failed', pending: pendingEvents(settled) }
    const again = { ...facts, will_retry: true, retry_after_ms: delayMs }
    // Nothing is reserved for another try while a stop is pending. A resumed run starts the step anew.
    if (control.stopAt !== 'never')
      return { kind: 'stopped', pending: pendingEvents(journal.event('model.failed', again)) }
    const plan = await planNext(attempt, tools, [settled])
    if (plan === undefined) return { kind: 'exhausted', pending: pendingEvents(settled) }
    const retried = journal.event('model.failed', { ...again, reserved: plan.reserved })
    if (yield { events: [retried], contents: [], onlyIfUnchanged: true }) {
      const next: UnsentCall = { phase: 'reserved', step, tryNumber: tryNumber + 1, ...plan }
      control.call = next
      return { kind: 'retry', call: next, delayMs }
    }
    await syncJournal(attempt)
  }
}

function pendingEvents(...events: NewEvent[]): Pending {
  return { events, contents: [], statements: [] }
}

function delayBefore({ deps }: Attempt, error: ModelError, tried: number, endAt: number): number | undefined {
  if (!error.retryable) return undefined
  const { clock, randomness } = deps
  const delay = retryDelayMs(modelRetryRule, tried, randomness.fraction(), error.retryAfterMs)
  return delay !== undefined && clock.now() + delay < endAt ? delay : undefined
}

/** A call that the server ended, with its charge and what it had said. */
export interface InterruptedCall {
  readonly facts: EventFacts['model.interrupted']
  /** The text that had been streamed; empty where nothing had. */
  readonly text: string
  readonly reasoning: string
}

/**
 * Makes the record of a call that is ended for this reason. Callers that do not drive the run use it too, such as a cancel.
 */
export async function interruptCall(
  models: Models,
  choice: ModelChoice,
  call: ReservedCall,
  reason: CallInterruption,
): Promise<InterruptedCall> {
  const { step, tryNumber, reserved } = call
  const charge = await chargeInterrupted(call, priceOf(models, choice))
  const facts = { step, try: tryNumber, reason, released: reserved, ...charge }
  const { text, reasoning } = call.phase === 'sent' ? call.streamed : { text: '', reasoning: '' }
  return { facts, text, reasoning }
}

/**
 * Makes the record of the attempt's own call, ended for this reason; it is empty where no call is under way. The call is
 * charged once the record is committed.
 */
export async function interruptOwnCall(attempt: Attempt, reason: CallInterruption): Promise<Pending> {
  const { deps, journal, control } = attempt
  if (control.call === undefined) return pendingEvents()
  const { model } = journal.snapshot.run.config
  const { facts, text, reasoning } = await interruptCall(deps.models, model, control.call, reason)
  const kept = new KeptTexts(attempt)
  kept.add('text', text)
  kept.add('reasoning', reasoning)
  const event = journal.event('model.interrupted', facts, kept.digests)
  return { events: [event], contents: kept.contents, statements: [] }
}

function priceOf(models: Models, choice: ModelChoice): Price {
  return (usage) => models.priceMicrosUsd(choice, usage)
}
