import { ModelError, type ModelErrorCode } from '../model.ts'
import { capitalized } from './network-errors.ts'
import { retryAfterMs } from './retry-after.ts'

/** The common properties of the SDK's errors, which are distinguished by their marked names and not by their classes. */
interface SdkError {
  readonly name: string
  readonly message: string
  readonly statusCode?: number | undefined
  readonly isRetryable?: boolean | undefined
  readonly responseHeaders?: Record<string, string> | undefined
  readonly responseBody?: string | undefined
  readonly code?: unknown
  readonly type?: unknown
  readonly data?: unknown
}

/** The codes of errors that the SDK reports. The others are found at the network before it. */
type SdkErrorCode = Exclude<
  ModelErrorCode,
  `${'first_byte' | 'idle' | 'total'}_timeout` | 'answer_too_long' | 'redirected' | 'not_an_api'
>

interface ErrorClass {
  readonly code: SdkErrorCode
  readonly retryable: boolean
  readonly configuration: boolean
}

const reasonCharsMax = 300

/** The facts that an error message is made with. */
export interface ErrorContext {
  readonly now: number
  /** Texts that never appear in the message. */
  readonly secrets: readonly string[]
  /** The name and address of the provider, as `providerLabel` gives them. */
  readonly provider: string
}

/**
 * Converts an error that the SDK threw or streamed; a ModelError is returned unchanged. The message names the provider
 * and its address, and holds at most one short sentence of the provider's own.
 */
export function toModelError(error: unknown, { now, secrets, provider }: ErrorContext): ModelError {
  if (error instanceof ModelError) return error
  const found = asSdkError(error)
  const verdict = classify(found)
  return new ModelError(verdict.code, sentence(verdict.code, found, secrets, provider), {
    retryable: verdict.retryable,
    configuration: verdict.configuration,
    retryAfterMs: verdict.retryable ? retryAfterMs(found.responseHeaders, now) : undefined,
    cause: error,
  })
}

function classify(error: SdkError): ErrorClass {
  const words = detailWords(error)
  // OpenAI uses the same status for an empty account and for too high a rate.
  if (/insufficient_quota|billing_hard_limit|insufficient_balance/i.test(words)) return blame('credential_refused')
  if (isContextLength(error, words)) return refuse('context_too_long')
  if (error.statusCode !== undefined) return classifyStatus(error.statusCode)
  switch (error.name) {
    case 'AI_NoOutputGeneratedError':
    case 'AI_EmptyResponseBodyError':
      return retry('connection_cut')
    case 'AI_InvalidResponseDataError': // Without data it means that the stream ended too soon.
      return retry(error.data === undefined ? 'connection_cut' : 'bad_response')
    case 'AI_StreamProviderError':
      return error.isRetryable === true ? retry('provider_error') : refuse('provider_error')
    case 'AI_APICallError':
      return retry('connection_failed')
    case 'AI_LoadAPIKeyError':
    case 'AI_NoSuchModelError':
      return blame('request_refused')
    case 'AI_InvalidPromptError':
    case 'AI_InvalidArgumentError':
    case 'AI_UnsupportedFunctionalityError':
    case 'AI_MissingToolResultsError':
      return refuse('request_refused')
    default:
      return retry('bad_response')
  }
}

function classifyStatus(status: number): ErrorClass {
  if (status === 429) return retry('rate_limited')
  if (status === 503 || status === 529) return retry('provider_overloaded')
  if (status >= 500 || status === 408 || status === 409) return retry('provider_error')
  if (status === 401 || status === 402 || status === 403) return blame('credential_refused')
  if (status === 404) return blame('request_refused')
  if (status >= 400) return refuse('request_refused')
  return retry('bad_response') // A successful answer could not be read.
}

function retry(code: SdkErrorCode): ErrorClass {
  return { code, retryable: true, configuration: false }
}
function refuse(code: SdkErrorCode): ErrorClass {
  return { code, retryable: false, configuration: false }
}
function blame(code: SdkErrorCode): ErrorClass {
  return { code, retryable: false, configuration: true }
}

function isContextLength(error: SdkError, words: string): boolean {
  if (/context_length_exceeded|model_context_window_exceeded/.test(words)) return true
  if (error.statusCode !== undefined && error.statusCode !== 400 && error.statusCode !== 413) return false
  return /prompt is too long|(maximum|max) context|context (length|window|size)|input token count/i.test(error.message)
}

/** The provider's own codes, wherever the error keeps them. */
function detailWords(error: SdkError): string {
  return [error.code, error.type, error.responseBody?.slice(0, 2_000), jsonOf(error.data).slice(0, 2_000)].join(' ')
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return '' // A circular value holds no words of a provider.
  }
}

const openings: Record<SdkErrorCode, (provider: string) => string> = {
  rate_limited: (provider) => `${capitalized(provider)} asks for fewer requests`,
  provider_overloaded: (provider) => `${capitalized(provider)} is overloaded`,
  provider_error: (provider) => `${capitalized(provider)} failed`,
  connection_failed: (provider) => `${capitalized(provider)} could not be reached`,
  connection_cut: (provider) => `${capitalized(provider)} broke off before its answer was complete`,
  credential_refused: (provider) => `${capitalized(provider)} refused the server's key or account`,
  request_refused: (provider) => `${capitalized(provider)} refused the request`,
  context_too_long: (provider) => `The conversation is longer than the model of ${provider} can take`,
  bad_response: (provider) => `The answer of ${provider} could not be read`,
}

function sentence(code: SdkErrorCode, error: SdkError, secrets: readonly string[], provider: string): string {
  const status = error.statusCode === undefined ? '' : ` (status ${error.statusCode})`
  const opening = `${openings[code](provider)}${status}`
  // A provider often quotes a refused key, and the SDK quotes an unreadable answer.
  if (code === 'credential_refused' || code === 'bad_response' || code === 'connection_cut') return `${opening}.`
  const reason = hide(error.message, secrets).replace(/\s+/g, ' ').trim()
  if (reason === '') return `${opening}.`
  return `${opening}: ${reason.length > reasonCharsMax ? `${reason.slice(0, reasonCharsMax)}…` : reason}`
}

function hide(text: string, secrets: readonly string[]): string {
  let hidden = text.slice(0, 10_000)
  for (const secret of secrets) if (secret !== '') hidden = hidden.replaceAll(secret, '[hidden]')
  return hidden.replace(/\b(sk|xai|gsk|key|Bearer)[-_ ][\w*.-]{6,}/g, '[hidden]')
}

function asSdkError(error: unknown): SdkError {
  if (error instanceof Error) return error
  if (typeof error !== 'object' || error === null) return { name: 'unknown', message: '' }
  // The SDK did not recognise this error frame of a provider.
  return { name: 'unknown', message: '', data: error }
}
