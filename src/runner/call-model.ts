import { sleep } from '../clock/clock.ts'
import type { Content } from '../domain/content.ts'
import type { EventFacts, NewEvent } from '../domain/event.ts'
import { modelRetryRule, retryDelayMs } from '../domain/retry.ts'
import { noUsage, type Usage } from '../domain/usage.ts'
import {
  type ConversationMessage,
  type ModelCall,
  type ModelDelta,
  ModelError,
  type ModelResponse,
  type Models,
} from '../model/model.ts'
import type { Attempt, RunSteps } from './attempt.ts'
import type { AbortReason, OpenCall } from './attempt-control.ts'

/** A step that is quicker than this shows in the journal together with its response, which saves a commit. */
const quickStepMs = 200
const charsPerToken = 3

/** What one step's model call came to: the response with the events that record it, or why there is none. */
export type StepResult =
  | {
      readonly kind: 'responded'
      readonly response: ModelResponse
      readonly events: NewEvent[]
      readonly contents: Content[]
    }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly configuration: boolean }

/**
 * Asks the model for the next step, with retries that are each recorded. The response is not committed here: whoever called
 * decides what goes into the same commit, and takes `openCall` away after it.
 */
export async function* callModel(attempt: Attempt): RunSteps<StepResult> {
  const { rooms, journal, control, conversation } = attempt
  const { config } = journal.snapshot.run
  const step = conversation.step + 1
  const endAt = rooms.clock.now() + config.stepTimeoutMs
  const { provider, model } = config.model
  // One count of deltas for all tries: their index never goes back within a step.
  const publish = publisher(attempt, step)
  let started: NewEvent | undefined = journal.event('step.started', { step, model, provider })

  for (let tryNumber = 1; ; tryNumber += 1) {
    control.signal.throwIfAborted()
    const call = startCall(attempt, step, tryNumber, endAt, publish)
    if (started !== undefined && !(await settlesWithin(attempt, call.result, quickStepMs))) {
      yield { events: [started], contents: [] }
      started = undefined
    }
    try {
      const response = await call.result
      const recorded = await recordResponse(attempt, step, response)
      return { kind: 'responded', response, ...recorded, events: [...(started ? [started] : []), ...recorded.events] }
    } catch (error) {
      control.signal.throwIfAborted() // who aborted charges the open call
      control.openCall = undefined
      if (!(error instanceof ModelError)) throw error
      const delay = delayBefore(attempt, error, tryNumber, endAt)
      const failed = await recordFailure(attempt, step, tryNumber, error, call.estimate, delay)
      yield { events: [...(started ? [started] : []), failed], contents: [] }
      started = undefined
      if (delay === undefined) {
        return { kind: 'failed', code: error.code, message: error.message, configuration: error.configuration }
      }
      await sleep(rooms.clock, delay, control.signal)
    }
  }
}

interface StartedCall {
  readonly result: Promise<ModelResponse>
  estimate(): Usage
}

function startCall(
  attempt: Attempt,
  step: number,
  tryNumber: number,
  endAt: number,
  publish: (delta: ModelDelta) => void,
): StartedCall {
  const { rooms, journal, control, conversation, instructions } = attempt
  const { config } = journal.snapshot.run
  let streamedChars = 0
  const estimate = () => estimateUsage(conversation.messages, instructions, streamedChars)
  control.openCall = { step, tryNumber, choice: config.model, estimate }
  const totalMs = Math.max(1, endAt - rooms.clock.now())
  const call: ModelCall = {
    choice: config.model,
    apiKey: config.ownKey ? rooms.runKeys.get(journal.snapshot.run.id) : undefined,
    instructions,
    messages: conversation.messages,
    tools: config.tools.flatMap((name) => {
      const tool = rooms.tools.get(name)
      return tool === undefined ? [] : [{ name, description: tool.description, inputSchema: tool.inputSchema }]
    }),
    outputTokensMax: null,
    timeouts: {
      firstByteMs: Math.min(totalMs, rooms.limits.first_byte_timeout_seconds * 1_000),
      idleMs: Math.min(totalMs, rooms.limits.idle_timeout_seconds * 1_000),
      totalMs,
    },
    signal: control.signal,
  }
  const stream = async () => {
    const parts = rooms.models.stream(call)
    for (;;) {
      const part = await parts.next()
      if (part.done) return part.value
      streamedChars += part.value.text.length
      publish(part.value)
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

/** Whether the promise settles (either way) within `ms`. */
function settlesWithin(attempt: Attempt, promise: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = attempt.rooms.clock.after(ms, () => resolve(false))
    const settled = () => {
      cancel()
      resolve(true)
    }
    promise.then(settled, settled)
  })
}

async function recordResponse(attempt: Attempt, step: number, response: ModelResponse) {
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
  if (response.messages !== null) {
    const verbatim = { provider: model.provider, model: model.model, messages: response.messages }
    keep('provider', JSON.stringify(verbatim), 'application/json')
  }
  const facts = {
    step,
    finish: response.finish,
    usage: response.usage,
    cost_micros_usd: await rooms.models.priceMicrosUsd(model, response.usage),
    calls: response.toolCalls.length,
    ...(response.usageEstimated && { estimated: true }),
  }
  return { events: [journal.event('model.responded', facts, refs)], contents }
}

async function recordFailure(
  attempt: Attempt,
  step: number,
  tryNumber: number,
  error: ModelError,
  estimate: () => Usage,
  delay: number | undefined,
): Promise<NewEvent> {
  const { rooms, journal } = attempt
  // Nothing is charged for a call that was refused before it was answered.
  const answered = error.usage !== undefined || error.streamedChars > 0
  const usage = error.usage ?? (answered ? estimate() : undefined)
  const cost = usage && (await rooms.models.priceMicrosUsd(journal.snapshot.run.config.model, usage))
  return journal.event('model.failed', {
    step,
    try: tryNumber,
    code: error.code,
    message: error.message,
    will_retry: delay !== undefined,
    ...(delay !== undefined && { retry_after_ms: delay }),
    ...(usage !== undefined &&
      cost !== undefined && {
        usage,
        cost_micros_usd: cost,
        estimated: error.usage === undefined || error.usageEstimated,
      }),
  })
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

/** What is recorded of a call that was cut by `reason`: its upper estimate. */
export async function chargeOpenCall(
  models: Models,
  open: OpenCall,
  reason: AbortReason,
): Promise<EventFacts['model.failed']> {
  const usage = open.estimate()
  return {
    step: open.step,
    try: open.tryNumber,
    code: reason,
    message: `The call was cut: ${reason}.`,
    will_retry: reason === 'handed_back',
    usage,
    cost_micros_usd: await models.priceMicrosUsd(open.choice, usage),
    estimated: true,
  }
}
