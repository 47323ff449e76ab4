import { sleep } from '../clock/clock.ts'
import { availableOf, moveLedger } from '../domain/budget.ts'
import type { Content } from '../domain/content.ts'
import type { CallAmounts, EventFacts, NewEvent } from '../domain/event.ts'
import type { TaskSnapshot } from '../domain/evolve.ts'
import { ledgerMoveOfAll } from '../domain/ledger-moves.ts'
import { modelRetryRule, retryDelayMs } from '../domain/retry.ts'
import type { ModelChoice, RunConfig } from '../domain/task.ts'
import { noUsage, type Usage } from '../domain/usage.ts'
import {
  type ConversationMessage,
  type ModelCall,
  type ModelDelta,
  ModelError,
  type ModelResponse,
  type Models,
  type ToolOffer,
} from '../model/model.ts'
import type { Attempt, Pending, RunSteps } from './attempt.ts'
import type { AbortReason, OpenCall } from './attempt-control.ts'
import { keepableResponse, wellFormedDeltas } from './keepable-response.ts'
import { type CallPlan, inputTokensMax, overdraws, planCall } from './plan-call.ts'
import type { RunnerRooms } from './runner-rooms.ts'
import { syncJournal } from './sync-journal.ts'

const charsPerToken = 3

/** What one step's model call came to: the response with the events that record it, or why there is none. */
export type StepResult =
  | {
      readonly kind: 'responded'
      readonly response: ModelResponse
      readonly events: NewEvent[]
      readonly contents: Content[]
      /** It used more than had been reserved for it. */
      readonly overdrawn: boolean
    }
  | FailedStep

interface FailedStep {
  readonly kind: 'failed'
  readonly code: string
  readonly message: string
  readonly configuration: boolean
  /** That record it; they go into the commit that ends the run. */
  readonly events: NewEvent[]
}

const exhausted = {
  kind: 'failed',
  code: 'budget_exhausted',
  message: 'What is left of the budget does not pay for another call of the model.',
  configuration: false,
} as const

/** How a run ends of which a call was overdrawn. */
export const overdrawnEnd = {
  kind: 'failed',
  code: 'budget_overdrawn',
  message: 'A call of the model used more than had been reserved for it; what was used is charged.',
  configuration: false,
} as const

/**
 * Asks the model for the next step, with retries that are each recorded. What a call may cost is reserved in the commit that
 * starts it, together with what was pending; where that much is not left, nothing is called. The response is not committed
 * here: whoever called decides what goes into the same commit, and takes `openCall` away after it.
 */
export async function* callModel(attempt: Attempt, given: Pending): RunSteps<StepResult> {
  const { rooms, journal, control, conversation } = attempt
  const { config } = journal.snapshot.run
  const step = conversation.step + 1
  const endAt = rooms.clock.now() + config.stepTimeoutMs
  const tools = offersFor(rooms, config)
  // One count of deltas for all tries: their index never goes back within a step.
  const publish = publisher(attempt, step)
  let plan = attempt.unmade ?? (yield* startStep(attempt, step, tools, given))
  for (let tryNumber = 1; plan !== undefined; tryNumber += 1) {
    control.signal.throwIfAborted()
    const call = startCall(attempt, { step, tryNumber, endAt, publish, tools, plan })
    try {
      const response = await call.result
      return { kind: 'responded', response, ...(await recordResponse(attempt, step, response, plan.reserved)) }
    } catch (error) {
      control.signal.throwIfAborted() // who aborted charges the open call
      if (!(error instanceof ModelError)) throw error
      const delay = delayBefore(attempt, error, tryNumber, endAt)
      const failed = { step, tryNumber, error, estimate: call.estimate, delay, plan, tools }
      const next = yield* recordFailure(attempt, failed)
      if ('kind' in next) return next
      plan = next
      await sleep(rooms.clock, delay ?? 0, control.signal)
    }
  }
  return { ...exhausted, events: [] }
}

/** Commits what is pending with the start of the step and its reservation; undefined where the budget does not hold it. */
async function* startStep(
  attempt: Attempt,
  step: number,
  tools: readonly ToolOffer[],
  pending: Pending,
): RunSteps<CallPlan | undefined> {
  const { journal } = attempt
  const { provider, model } = journal.snapshot.run.config.model
  for (;;) {
    const plan = await planNext(attempt, tools, pending.events)
    if (plan === undefined) {
      yield pending
      return undefined
    }
    const started = journal.event('step.started', { step, model, provider, reserved: plan.reserved })
    if (yield { ...pending, events: [...pending.events, started], onlyIfUnchanged: true }) {
      attempt.unmade = { step, tryNumber: 1, ...plan }
      return plan
    }
    await syncJournal(attempt)
  }
}

function planNext(attempt: Attempt, tools: readonly ToolOffer[], pending: readonly NewEvent[]) {
  return planStep(attempt.rooms, attempt.journal.snapshot, attempt, pending, tools)
}

/** What the next call may cost, after these events; undefined where the budget does not hold it. */
export function planStep(
  rooms: RunnerRooms,
  { task, run }: TaskSnapshot,
  { conversation, instructions }: Pick<Attempt, 'conversation' | 'instructions'>,
  pending: readonly NewEvent[],
  tools: readonly ToolOffer[] = offersFor(rooms, run.config),
): Promise<CallPlan | undefined> {
  const move = ledgerMoveOfAll(pending)
  const ledger = move === undefined ? task.ledger : moveLedger(task.ledger, move)
  const input = inputTokensMax(conversation, instructions, tools)
  const outputMax = rooms.limits.output_tokens_per_step_max
  return planCall(rooms.models, run.config.model, input, outputMax, availableOf(ledger))
}

function offersFor(rooms: RunnerRooms, config: RunConfig): ToolOffer[] {
  return config.tools.flatMap((name) => {
    const tool = rooms.tools.get(name)
    return tool === undefined ? [] : [{ name, description: tool.description, inputSchema: tool.inputSchema }]
  })
}

interface StartedCall {
  readonly result: Promise<ModelResponse>
  /** `charsMin`: so much came at least, where the provider knows of more than was published. */
  estimate(charsMin?: number): Usage
}

interface CallToStart {
  readonly step: number
  readonly tryNumber: number
  readonly endAt: number
  readonly publish: (delta: ModelDelta) => void
  readonly tools: readonly ToolOffer[]
  readonly plan: CallPlan
}

function startCall(attempt: Attempt, { step, tryNumber, endAt, publish, tools, plan }: CallToStart): StartedCall {
  const { rooms, journal, control, conversation, instructions } = attempt
  const { config } = journal.snapshot.run
  let streamedChars = 0
  const estimate = (charsMin = 0) =>
    estimateUsage(conversation.messages, instructions, Math.max(streamedChars, charsMin))
  control.openCall = { step, tryNumber, choice: config.model, reserved: plan.reserved, estimate }
  attempt.unmade = undefined
  const totalMs = Math.max(1, endAt - rooms.clock.now())
  const call: ModelCall = {
    choice: config.model,
    apiKey: config.ownKey ? rooms.runKeys.get(journal.snapshot.run.id) : undefined,
    instructions,
    messages: conversation.messages,
    tools,
    outputTokensMax: plan.outputTokensMax,
    timeouts: {
      firstByteMs: Math.min(totalMs, rooms.limits.first_byte_timeout_seconds * 1_000),
      idleMs: Math.min(totalMs, rooms.limits.idle_timeout_seconds * 1_000),
      totalMs,
    },
    signal: control.signal,
  }
  const stream = async () => {
    const parts = rooms.models.stream(call)
    const deltas = wellFormedDeltas(publish)
    for (;;) {
      const part = await parts.next()
      if (part.done) deltas.end()
      if (part.done) return keepableResponse(part.value, rooms.limits.json_depth_max)
      streamedChars += part.value.text.length
      deltas.take(part.value)
    }
  }
  const result = stream()
  result.catch(() => undefined) // awaited below, perhaps only after a commit
  return { result, estimate }
}

function publisher(attempt: Attempt, step: number): (delta: ModelDelta) => void {
  const { run } = attempt.journal.snapshot
  const next = { text: 0, reasoning: 0 }
  return ({ kind, text }) => {
    const index = next[kind]
    next[kind] += 1
    attempt.rooms.live.publish({
      task: run.taskId,
      run: run.id,
      attempt: run.attempt,
      step,
      index,
      kind: `${kind}.delta`,
      action: null,
      text,
      snapshot: false,
    })
  }
}

async function recordResponse(attempt: Attempt, step: number, response: ModelResponse, reserved: CallAmounts) {
  const { rooms, journal } = attempt
  const { model } = journal.snapshot.run.config
  const contents: Content[] = []
  const refs: Record<string, string> = {}
  const keep = (role: string, body: string, mediaType?: string) => {
    const content = journal.text(body, mediaType)
    contents.push(content)
    refs[role] = content.digest
  }
  if (response.text !== '') keep('text', response.text)
  if (response.reasoning !== '') keep('reasoning', response.reasoning)
  const { usage } = response
  const cost = await rooms.models.priceMicrosUsd(model, usage)
  const used = { micros_usd: cost, tokens: usage.inputTokens + usage.outputTokens }
  const overdrawn = overdraws(reserved, used)
  // What an overdrawn response asks for is not done: repeated verbatim it would be a call without a result.
  if (response.messages !== null && !overdrawn) {
    const verbatim = { provider: model.provider, model: model.model, messages: response.messages }
    keep('provider', JSON.stringify(verbatim), 'application/json')
  }
  const facts = {
    step,
    finish: response.finish,
    usage,
    cost_micros_usd: cost,
    released: reserved,
    calls: response.toolCalls.length,
    ...(response.usageEstimated && { estimated: true }),
  }
  const events = [journal.event('model.responded', facts, refs)]
  if (overdrawn) events.push(journal.event('budget.overdrawn', { of: `step ${step}`, reserved, used }))
  return { events, contents, overdrawn }
}

interface FailedCall {
  readonly step: number
  readonly tryNumber: number
  readonly error: ModelError
  readonly estimate: StartedCall['estimate']
  readonly delay: number | undefined
  readonly plan: CallPlan
  readonly tools: readonly ToolOffer[]
}

/**
 * Settles a call that did not work, and reserves for the next try in the same commit; answers with its plan. Where there is
 * no next try nothing is committed yet: it goes with the end of the run.
 */
async function* recordFailure(attempt: Attempt, failed: FailedCall): RunSteps<CallPlan | FailedStep> {
  const { journal } = attempt
  const { error, plan } = failed
  const charge = await chargeOf(attempt, failed)
  for (;;) {
    const facts: EventFacts['model.failed'] = {
      step: failed.step,
      try: failed.tryNumber,
      code: error.code,
      message: error.message,
      will_retry: false,
      released: plan.reserved,
      ...charge.facts,
    }
    const settled = journal.event('model.failed', facts)
    if (overdraws(plan.reserved, charge.used)) {
      const of = { of: `step ${failed.step}`, reserved: plan.reserved, used: charge.used }
      return { ...overdrawnEnd, events: [settled, journal.event('budget.overdrawn', of)] }
    }
    if (failed.delay === undefined) {
      const { code, message, configuration } = error
      return { kind: 'failed', code, message, configuration, events: [settled] }
    }
    const next = await planNext(attempt, failed.tools, [settled])
    if (next === undefined) return { ...exhausted, events: [settled] }
    const again = { ...facts, will_retry: true, retry_after_ms: failed.delay, reserved: next.reserved }
    if (yield { events: [journal.event('model.failed', again)], contents: [], onlyIfUnchanged: true }) {
      attempt.unmade = { step: failed.step, tryNumber: failed.tryNumber + 1, ...next }
      return next
    }
    await syncJournal(attempt)
  }
}

/** What a failed call is charged: what the provider told, else an estimate; nothing where it was refused before it was answered. */
async function chargeOf(attempt: Attempt, { error, estimate, plan }: FailedCall) {
  const { models } = attempt.rooms
  const { model } = attempt.journal.snapshot.run.config
  if (error.usage === undefined && error.streamedChars === 0) return { facts: {}, used: { micros_usd: 0, tokens: 0 } }
  const told = error.usage
  const facts =
    told === undefined
      ? await chargeEstimate(models, model, estimate(error.streamedChars), plan.reserved)
      : { usage: told, cost_micros_usd: await models.priceMicrosUsd(model, told), estimated: error.usageEstimated }
  const { usage, cost_micros_usd } = facts
  return { facts, used: { micros_usd: cost_micros_usd, tokens: usage.inputTokens + usage.outputTokens } }
}

function delayBefore(attempt: Attempt, error: ModelError, tried: number, endAt: number): number | undefined {
  if (!error.retryable) return undefined
  const { clock, randomness } = attempt.rooms
  const delay = retryDelayMs(modelRetryRule, tried, randomness.fraction(), error.retryAfterMs)
  return delay !== undefined && clock.now() + delay < endAt ? delay : undefined
}

/** The charge for a call that was cut: what it was given and what had come, at few characters a token, so rather too much. */
export function estimateUsage(
  messages: readonly ConversationMessage[],
  instructions: string | null,
  streamedChars: number,
): Usage {
  let chars = instructions?.length ?? 0
  for (const message of messages) {
    chars += message.role === 'tool' ? message.output.length : message.text.length
    if (message.role === 'assistant') chars += JSON.stringify(message.toolCalls).length
  }
  return {
    ...noUsage,
    inputTokens: Math.ceil(chars / charsPerToken),
    outputTokens: Math.ceil(streamedChars / charsPerToken),
  }
}

/** The charge for what nobody told the usage of: an estimate, and never more than was reserved. */
export async function chargeEstimate(models: Models, choice: ModelChoice, estimate: Usage, reserved: CallAmounts) {
  const inputTokens = Math.min(estimate.inputTokens, reserved.tokens)
  const outputTokens = Math.min(estimate.outputTokens, reserved.tokens - inputTokens)
  const usage = { ...noUsage, inputTokens, outputTokens }
  const cost = await models.priceMicrosUsd(choice, usage)
  return { usage, cost_micros_usd: Math.min(cost, reserved.micros_usd), estimated: true }
}

/** What is recorded of a call that was reserved for and is not made: nothing is charged. */
export function releaseCall(
  { step, tryNumber, reserved }: Pick<OpenCall, 'step' | 'tryNumber' | 'reserved'>,
  code: AbortReason | 'stopped',
): EventFacts['model.failed'] {
  const message = 'The run stopped before the call was made.'
  const willRetry = code === 'stopped' || code === 'handed_back'
  return { step, try: tryNumber, code, message, will_retry: willRetry, released: reserved }
}

/** What is recorded of a call that was cut by `reason`: its estimate. */
export async function chargeOpenCall(
  models: Models,
  open: OpenCall,
  reason: AbortReason,
): Promise<EventFacts['model.failed']> {
  return {
    step: open.step,
    try: open.tryNumber,
    code: reason,
    message: `The call was cut: ${reason}.`,
    will_retry: reason === 'handed_back',
    released: open.reserved,
    ...(await chargeEstimate(models, open.choice, open.estimate(), open.reserved)),
  }
}
