import { type ModelCall, type ModelDelta, ModelError, type ModelResponse, type ToolOffer } from '../model/model.ts'
import type { Attempt } from './attempt.ts'
import { keepableResponse, wellFormedDeltas } from './keepable-response.ts'
import type { SentCall, StreamedSoFar, UnsentCall } from './reserved-call.ts'

/** Publishes what a model says while it says it. */
export type PublishDelta = (delta: ModelDelta) => void

/** A call that is under way, and its response to come. */
export interface CallStream {
  readonly call: SentCall
  /** Resolves with the whole response. Rejects with ModelError, or with the signal's reason. */
  readonly response: Promise<ModelResponse>
}

/**
 * Sends a call whose reservation is on disk, and publishes its deltas as they come. From here on the call is `sent`: whoever
 * ends the attempt charges what had been streamed. `endAt` is the instant by which the step has to be answered, all its tries
 * together.
 */
export function streamCall(
  attempt: Attempt,
  reserved: UnsentCall,
  tools: readonly ToolOffer[],
  endAt: number,
  publish: PublishDelta,
): CallStream {
  const { conversation, instructions, control } = attempt
  const streamed = createStreamed()
  const inputBytes = conversation.bytes + Buffer.byteLength(instructions ?? '')
  const { outputTokensMax, ...reservation } = reserved
  const call: SentCall = { ...reservation, phase: 'sent', inputBytes, streamed }
  control.call = call
  const response = readResponse(attempt, modelCall(attempt, outputTokensMax, tools, endAt), (delta) => {
    streamed.add(delta)
    publish(delta)
  })
  response.catch(() => undefined) // awaited by the caller, perhaps only after a commit
  return { call, response }
}

async function readResponse({ deps }: Attempt, call: ModelCall, take: PublishDelta): Promise<ModelResponse> {
  const parts = deps.models.stream(call)
  const deltas = wellFormedDeltas(take)
  for (;;) {
    const part = await parts.next()
    if (part.done) {
      deltas.end()
      refuseTooManyCalls(part.value, deps.limits.tool_calls_per_response_max)
      return keepableResponse(part.value, deps.limits.json_depth_max)
    }
    deltas.take(part.value)
  }
}

/**
 * Refuses a response with too many calls, since each becomes an event, a content and a decision. A provider that counts them
 * while it reads ends earlier.
 */
function refuseTooManyCalls({ toolCalls, usage, usageEstimated }: ModelResponse, most: number): void {
  if (toolCalls.length <= most) return
  const message = `The response holds ${toolCalls.length} tool calls; at most ${most} are taken (tool_calls_per_response_max).`
  throw new ModelError('answer_too_long', message, { retryable: false, usage, usageEstimated: usageEstimated ?? false })
}

function modelCall(
  { deps, journal, control, conversation, instructions }: Attempt,
  outputTokensMax: number,
  tools: readonly ToolOffer[],
  endAt: number,
): ModelCall {
  const { id, config } = journal.snapshot.run
  const totalMs = Math.max(1, endAt - deps.clock.now())
  return {
    choice: config.model,
    apiKey: config.ownKey ? deps.runKeys.get(id) : undefined,
    instructions,
    messages: conversation.messages,
    tools,
    outputTokensMax,
    timeouts: {
      firstByteMs: Math.min(totalMs, deps.limits.first_byte_timeout_seconds * 1_000),
      idleMs: Math.min(totalMs, deps.limits.idle_timeout_seconds * 1_000),
      totalMs,
    },
    signal: control.signal,
  }
}

function createStreamed(): StreamedSoFar & { add(delta: ModelDelta): void } {
  const parts: Record<ModelDelta['kind'], string[]> = { text: [], reasoning: [] }
  let bytes = 0
  return {
    get text() {
      return parts.text.join('')
    },
    get reasoning() {
      return parts.reasoning.join('')
    },
    get bytes() {
      return bytes
    },
    add({ kind, text }) {
      parts[kind].push(text)
      bytes += Buffer.byteLength(text)
    },
  }
}

/** Numbers the deltas over all tries of a step, so that their index never goes back within it. */
export function createPublishDelta({ deps, journal }: Attempt, step: number): PublishDelta {
  const { id: run, taskId: task, attempt } = journal.snapshot.run
  const next = { text: 0, reasoning: 0 }
  return ({ kind, text }) => {
    const index = next[kind]
    next[kind] += 1
    deps.live.publish({ task, run, attempt, step, index, kind: `${kind}.delta`, action: null, text, snapshot: false })
  }
}
