import type { TextStreamPart, ToolSet } from 'ai'
import type { JsonValue } from '../../domain/json.ts'
import type { FieldError } from '../../domain/refusal.ts'
import type { Usage } from '../../domain/usage.ts'
import { type ModelCall, type ModelDelta, ModelError, type ModelResponse, type ToolCall } from '../model.ts'
import { outputTokensUnset } from './answer-meter.ts'
import { anthropicInputUsage, charsIn, estimatedUsage, tokensIn, usageOf } from './usage-of.ts'

type StreamPart = TextStreamPart<ToolSet>
/** Checks an input against a JSON Schema. */
export type CheckInput = (schema: JsonValue, value: unknown) => FieldError[]

/** Collects the parts of one call, so that an interrupted call can also say how far it came. */
export class CallProgress {
  readonly #call: ModelCall
  readonly #checkInput: CheckInput
  readonly #toolCalls: ToolCall[] = []
  #text = ''
  #reasoning = ''
  #streamedChars = 0
  #inputUsage: Usage | undefined
  #usage: Usage | undefined
  #finish: string | undefined
  #complete = false

  constructor(call: ModelCall, checkInput: CheckInput) {
    this.#call = call
    this.#checkInput = checkInput
  }

  /** Records a part. Returns the delta to pass on, if it is one. Throws the error of an error part. */
  take(part: StreamPart): ModelDelta | undefined {
    switch (part.type) {
      case 'text-delta':
        this.#text += part.text
        this.#streamedChars += part.text.length
        return part.text === '' ? undefined : { kind: 'text', text: part.text }
      case 'reasoning-delta':
        this.#reasoning += part.text
        this.#streamedChars += part.text.length
        return part.text === '' ? undefined : { kind: 'reasoning', text: part.text }
      case 'tool-input-delta':
        this.#streamedChars += part.delta.length
        return undefined
      case 'tool-call':
        if (part.providerExecuted !== true) this.#toolCalls.push(this.#checked(part))
        return undefined
      case 'custom':
        if (part.kind === 'anthropic.message_start') {
          this.#inputUsage = anthropicInputUsage(part.providerMetadata?.['anthropic']?.['usage'])
        }
        return undefined
      case 'finish-step':
        this.#usage = usageOf(part.usage)
        this.#finish = part.rawFinishReason ?? part.finishReason
        // A provider's package reports this where the stream ended before the provider had given its reason.
        this.#complete =
          part.finishReason !== 'interrupted' && !(part.finishReason === 'other' && part.rawFinishReason === undefined)
        return undefined
      case 'error':
        throw part.error
      default:
        return undefined
    }
  }

  response(messages: JsonValue): ModelResponse {
    return {
      text: this.#text,
      reasoning: this.#reasoning,
      toolCalls: this.#toolCalls,
      finish: this.#finish ?? '',
      usage: this.#usage ?? estimatedUsage(sentChars(this.#call), this.#streamedChars),
      ...(this.#usage === undefined && { usageEstimated: true }),
      messages,
    }
  }

  /** Whether the provider reported that it had finished. */
  get complete(): boolean {
    return this.#complete
  }

  /** Whether no part of an answer has arrived. */
  get empty(): boolean {
    return this.#streamedChars === 0 && this.#toolCalls.length === 0
  }

  /**
   * The error with the progress of the call. One for a provider that did not stop is charged for the maximum output,
   * since nobody knows how much more it generated.
   */
  broken(error: ModelError): ModelError {
    const { retryable, retryAfterMs, configuration, cause } = error
    const outputMax = this.#call.outputTokensMax ?? outputTokensUnset
    const endless = error.code === 'answer_too_long'
    const streamedChars = endless ? Math.max(this.#streamedChars, charsIn(outputMax)) : this.#streamedChars
    const outputTokens = Math.min(tokensIn(streamedChars), outputMax)
    const reported = this.#complete ? this.#usage : undefined
    const partly = this.#inputUsage && { ...this.#inputUsage, outputTokens }
    return new ModelError(error.code, error.message, {
      retryable,
      retryAfterMs,
      configuration,
      cause,
      streamedChars,
      usage: reported ?? partly,
      usageEstimated: reported === undefined && partly !== undefined,
    })
  }

  #checked(part: Extract<StreamPart, { type: 'tool-call' }>): ToolCall {
    const input = (part.input ?? {}) as JsonValue // It was parsed from JSON, or is the text that could not be parsed.
    const call = { id: part.toolCallId, tool: part.toolName, input }
    const offer = this.#call.tools.find((candidate) => candidate.name === part.toolName)
    if (offer === undefined) return { ...call, invalid: `There is no tool named "${part.toolName}".` }
    if (typeof input === 'string') return { ...call, invalid: 'The input is not valid JSON.' }
    const bad = this.#checkInput(offer.inputSchema, input)
    if (bad.length === 0) return call
    const fields = bad.map(({ field, message }) => (field === '' ? `it ${message}` : `${field} ${message}`))
    return { ...call, invalid: `The input does not fit the schema of the tool: ${fields.join('; ')}.` }
  }
}

function sentChars(call: ModelCall): number {
  const { instructions, messages, tools } = call
  return JSON.stringify({ instructions, messages, tools }).length
}
