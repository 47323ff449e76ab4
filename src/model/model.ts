import type { JsonValue } from '../domain/json.ts'
import type { ModelChoice } from '../domain/task.ts'
import type { Usage } from '../domain/usage.ts'

/** What a model is told, in the core's own words; each provider translates it. */
export type ConversationMessage =
  | { readonly role: 'user'; readonly text: string }
  | {
      readonly role: 'assistant'
      readonly text: string
      readonly toolCalls: readonly ToolCall[]
      /**
       * What the provider itself sent, verbatim, so that its signatures survive. Used instead of the fields above when the
       * same provider and model are asked again.
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

export interface ToolCall {
  /** The provider's id of the call. */
  readonly id: string
  readonly tool: string
  readonly input: JsonValue
  /** Why the call cannot be carried out (no such tool, input that does not fit its schema); undefined when it can. */
  readonly invalid?: string
}

export interface ToolOffer {
  readonly name: string
  readonly description: string
  /** JSON Schema, draft 2020-12, of an object. */
  readonly inputSchema: JsonValue
}

export interface ModelCall {
  readonly choice: ModelChoice
  /** The caller's own key instead of the server's; undefined for the server's. */
  readonly apiKey?: string | undefined
  readonly instructions: string | null
  readonly messages: readonly ConversationMessage[]
  readonly tools: readonly ToolOffer[]
  /** Null: the provider's own maximum. */
  readonly outputTokensMax: number | null
  readonly timeouts: { readonly firstByteMs: number; readonly idleMs: number; readonly totalMs: number }
  readonly signal: AbortSignal
}

export interface ModelDelta {
  readonly kind: 'text' | 'reasoning'
  readonly text: string
}

export interface ModelResponse {
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: readonly ToolCall[]
  /** The provider's word for why it ended; told to people, never branched on. */
  readonly finish: string
  readonly usage: Usage
  /** The provider did not tell the usage, and it is our upper estimate. */
  readonly usageEstimated?: boolean
  /** See `verbatim` above; null where text and tool calls say everything. */
  readonly messages: JsonValue | null
}

/** One model call, streamed: yields deltas, returns the whole. Throws ModelError; throws the signal's reason when aborted. */
export interface ModelProvider {
  stream(call: ModelCall): AsyncGenerator<ModelDelta, ModelResponse, void>
}

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
  /** It sent more than the tokens that it may answer with can come to. */
  | 'answer_too_long'
  /** It redirects, which is never followed. */
  | 'redirected'
  /** What answers at its base URL is not the API of a model. */
  | 'not_an_api'

/**
 * A model call that did not work. Whether it may be tried again is said here, never read from the message; the message is
 * for people and holds no secrets.
 */
export class ModelError extends Error {
  readonly code: ModelErrorCode
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined
  /** The agent's own configuration is at fault (a missing key, a model that does not exist): counts against the agent. */
  readonly configuration: boolean
  /** What will be charged although no usage was told, in characters: all that was streamed, arguments of tools too. */
  readonly streamedChars: number
  /** The usage, where the provider told it, or its input part, before the call broke. */
  readonly usage: Usage | undefined
  /** Of the usage only the input was told; its output is our upper estimate. */
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

/** What a caller, an agent, a user, a team or the operator asks for. Empty, null and `auto` ask for nothing. */
export interface ModelWish {
  readonly provider?: string | null
  readonly model?: string | null
  /** A model without a provider is one of the provider that the wishes after this one come to, not a name of the catalogue. */
  readonly ofDefaultProvider?: boolean | undefined
}

/** A line of the catalogue, as `/v1/models` shows it. */
export interface CatalogueEntry {
  readonly name: string
  readonly provider: string
  readonly model: string
  /** Whether a run with it would be accepted now, and if not, why. */
  readonly available: boolean
  readonly unavailableReason: string | null
  readonly default: boolean
}

/** The models that this server can call. */
export interface Models extends ModelProvider {
  /**
   * Resolves what a run uses: the first wish that asks for something, then the operator's default. A name of the catalogue
   * alone, a provider alone (its default model), or provider and model together (verbatim). A model `ofDefaultProvider` that this
   * provider has not, or that has no known price there, is refused with the providers that have it.
   * Refuses `model_unknown`, `model_key_missing` (naming the variable to set; not where the caller brings a key of its own),
   * `model_unpriced`.
   */
  resolve(wishes: readonly ModelWish[], ownKey?: boolean): ModelChoice
  list(): CatalogueEntry[]
  /** What a call costs, in millionths of a US dollar, rounded up once. */
  priceMicrosUsd(choice: ModelChoice, usage: Usage): Promise<number>
}
