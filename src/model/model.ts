import type { JsonValue } from '../domain/json.ts'
import type { ModelChoice } from '../domain/task.ts'
import type { Usage } from '../domain/usage.ts'

/** A message of a conversation, independent of providers. Each provider translates it. */
export type ConversationMessage =
  | { readonly role: 'user'; readonly text: string }
  | {
      readonly role: 'assistant'
      readonly text: string
      readonly toolCalls: readonly ToolCall[]
      /**
       * The provider's own messages, verbatim, so that its signatures survive. They replace the fields above when the
       * same provider and model are called again.
       */
      readonly verbatim: { readonly provider: string; readonly model: string; readonly messages: JsonValue } | null
    }
  | {
      readonly role: 'tool'
      readonly callId: string
      readonly tool: string
      readonly failed: boolean
      readonly output: string
    }

/** A call of a tool that the model requests. */
export interface ToolCall {
  /** The provider's id of the call. */
  readonly id: string
  readonly tool: string
  readonly input: JsonValue
  /**
   * The reason for which the call cannot be executed (no such tool, input that does not match its schema), or
   * undefined.
   */
  readonly invalid?: string
}

/** A tool that the model may call. */
export interface ToolOffer {
  readonly name: string
  readonly description: string
  /** The JSON Schema (draft 2020-12) of its input, which is an object. */
  readonly inputSchema: JsonValue
}

/** One call of a model. */
export interface ModelCall {
  readonly choice: ModelChoice
  /** The caller's own key, or undefined for the server's. */
  readonly apiKey?: string | undefined
  readonly instructions: string | null
  readonly messages: readonly ConversationMessage[]
  readonly tools: readonly ToolOffer[]
  /** The most tokens of the answer, or null for the provider's own maximum. */
  readonly outputTokensMax: number | null
  readonly timeouts: { readonly firstByteMs: number; readonly idleMs: number; readonly totalMs: number }
  readonly signal: AbortSignal
}

/** A streamed piece of an answer. */
export interface ModelDelta {
  readonly kind: 'text' | 'reasoning'
  readonly text: string
}

/** The complete answer of a model. */
export interface ModelResponse {
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: readonly ToolCall[]
  /** The provider's word for the reason of the end. It is shown to people and never branched on. */
  readonly finish: string
  readonly usage: Usage
  /** Whether the usage is our upper estimate, since the provider did not report it. */
  readonly usageEstimated?: boolean
  /** The messages for `verbatim` above, or null where text and tool calls are everything. */
  readonly messages: JsonValue | null
}

/**
 * Calls a model. The generator yields deltas and returns the complete response. It throws ModelError, or the signal's
 * reason when aborted.
 */
export interface ModelProvider {
  stream(call: ModelCall): AsyncGenerator<ModelDelta, ModelResponse, void>
}

/** The reasons for which a model call fails. */
export type ModelErrorCode =
  | 'rate_limited'
  | 'provider_overloaded'
  | 'provider_error'
  | 'first_byte_timeout'
  | 'idle_timeout'
  | 'total_timeout'
  | 'connection_failed'
  | 'connection_cut'
  | 'credential_refused'
  | 'request_refused'
  | 'context_too_long'
  | 'bad_response'
  /** The provider sent more than the requested tokens can amount to. */
  | 'answer_too_long'
  /** The provider redirects, which is never followed. */
  | 'redirected'
  /** The base URL does not serve the API of a model. */
  | 'not_an_api'

/**
 * Thrown for a model call that failed. `retryable` says whether it may be tried again, which is never read from the
 * message. The message is for people and holds no secrets.
 */
export class ModelError extends Error {
  readonly code: ModelErrorCode
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined
  /**
   * Whether the agent's own configuration is at fault (a missing key, a model that does not exist), which counts
   * against the agent.
   */
  readonly configuration: boolean
  /** The streamed characters, arguments of tools included, which are charged where no usage was reported. */
  readonly streamedChars: number
  /** The usage, or its input part, that the provider reported before the call broke. */
  readonly usage: Usage | undefined
  /** Whether only the input of the usage was reported and its output is our upper estimate. */
  readonly usageEstimated: boolean

  constructor(
    code: ModelErrorCode,
    message: string,
    detail: {
      retryable: boolean
      retryAfterMs?: number | undefined
      configuration?: boolean
      streamedChars?: number
      usage?: Usage | undefined
      usageEstimated?: boolean
      cause?: unknown
    },
  ) {
    super(message, { cause: detail.cause })
    this.name = 'ModelError'
    this.code = code
    this.retryable = detail.retryable
    this.retryAfterMs = detail.retryAfterMs
    this.configuration = detail.configuration ?? false
    this.streamedChars = detail.streamedChars ?? 0
    this.usage = detail.usage
    this.usageEstimated = detail.usageEstimated ?? false
  }
}

/**
 * A preference for a model: of a caller, an agent, a user, a team or the operator. Empty, null and `auto` prefer
 * nothing.
 */
export interface ModelPreference {
  readonly provider?: string | null | undefined
  readonly model?: string | null | undefined
  /**
   * Whether a model without a provider belongs to the provider that the later preferences choose, and is not a name of
   * the catalogue.
   */
  readonly ofDefaultProvider?: boolean | undefined
}

/** A line of the catalogue as `/v1/models` shows it. */
export interface CatalogueEntry {
  readonly name: string
  readonly provider: string
  readonly model: string
  /** Whether a run with it would be accepted now. `reason` says why not. */
  readonly available: boolean
  readonly unavailableReason: string | null
  readonly default: boolean
}

/** The models that this server can call. */
export interface Models extends ModelProvider {
  /**
   * Resolves the model of a run: by the first preference that names something, then by the operator's default. It may
   * be a name of the catalogue alone, a provider alone (its default model), or provider and model together (verbatim).
   * A model `ofDefaultProvider` that this provider does not have, or that has no known price there, is refused with the
   * providers that have it. Refuses `model_unknown`, `model_key_missing` (naming the variable to set; not where the
   * caller brings a key), and `model_unpriced`.
   */
  resolve(preferences: readonly ModelPreference[], ownKey?: boolean): ModelChoice
  list(): CatalogueEntry[]
  /** The price of a call in micro-dollars, rounded up once. */
  priceMicrosUsd(choice: ModelChoice, usage: Usage): Promise<number>
}
