import type { ProviderSettings } from '../catalogue.ts'
import { ModelError } from '../model.ts'
import type { AnswerLimit } from './answer-meter.ts'

// The errors of calls that the network or our own limits ended. Each message names the provider and its address.

const expiryWords = {
  first_byte_timeout: 'did not begin to answer within',
  idle_timeout: 'fell silent in the middle of its answer for',
  total_timeout: 'did not complete its answer within',
} as const

/** The error for a call that exceeded a timeout of `ms` milliseconds. */
export function timedOut(code: keyof typeof expiryWords, ms: number, provider: string): ModelError {
  return new ModelError(code, `${capitalized(provider)} ${expiryWords[code]} ${ms / 1000} s.`, { retryable: true })
}

/** The error for an answer that exceeded a limit. */
export function tooLong(provider: string, limit: AnswerLimit, cause?: unknown): ModelError {
  const what = limit === 'tool_calls_per_response_max' ? 'more tool calls than one' : 'more than the'
  const sentence = `${capitalized(provider)} did not stop: it sent ${what} answer may come to (${limit}).`
  return new ModelError('answer_too_long', sentence, { retryable: false, cause })
}

/** The error for a redirect. It names both hosts, so that the reader knows which of them to trust. */
export function redirected(
  location: string | null,
  status: number,
  from: URL | undefined,
  provider: string,
): ModelError {
  const target = location ? URL.parse(location, from?.href) : null
  const to = target === null ? 'an address that is none' : originOf(target)
  const origin = from === undefined ? '' : ` from ${originOf(from)}`
  const sentence = `${capitalized(provider)} redirects${origin} to ${to} (status ${status}), which is not followed, since the key and the conversation would go there. Set its base URL to the address that is meant.`
  return new ModelError('redirected', sentence, { retryable: false, configuration: true })
}

/** The error for a base URL that does not serve the API of a model. */
export function notAnApi(type: string, provider: string): ModelError {
  const what = /html/u.test(type) ? 'a web page' : type === '' ? 'something without a type' : type
  const sentence = `${capitalized(provider)} answered with ${what} and not with a stream of events: its base URL does not lead to the API of a model.`
  return new ModelError('not_an_api', sentence, { retryable: false, configuration: true })
}

/** The error for a broken connection, also after five minutes of silence, when undici gives up by itself. */
export function brokenCall(error: unknown, code: 'connection_failed' | 'connection_cut', provider: string): ModelError {
  const reason = networkCode(error)
  const detail = { retryable: true, cause: error }
  const subject = capitalized(provider)
  if (reason === 'UND_ERR_HEADERS_OVERFLOW') return tooLong(provider, 'answer_bytes_per_token_max', error)
  if (reason === 'UND_ERR_HEADERS_TIMEOUT') {
    return new ModelError('first_byte_timeout', `${subject} did not begin to answer.`, detail)
  }
  if (reason === 'UND_ERR_BODY_TIMEOUT') {
    return new ModelError('idle_timeout', `${subject} fell silent in the middle of its answer.`, detail)
  }
  const suffix = reason === undefined ? '.' : ` (${reason}).`
  return code === 'connection_cut'
    ? new ModelError(code, `The connection to ${provider} broke in the middle of its answer${suffix}`, detail)
    : new ModelError(code, `${subject} could not be reached${suffix}`, detail)
}

function networkCode(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if ('code' in at && typeof at.code === 'string') return at.code
  }
  return undefined
}

/**
 * The name of a provider in errors: `the provider local (http://127.0.0.1:11434/v1)`. Without a configured address it
 * is the one that was requested. User names, passwords and queries are left out, since they may hold keys.
 */
export function providerLabel({ name, baseUrl }: Pick<ProviderSettings, 'name' | 'baseUrl'>, requested?: URL): string {
  const base = baseUrl === null ? null : URL.parse(baseUrl)
  if (base !== null) return `the provider ${name} (${originOf(base)}${base.pathname.replace(/\/+$/u, '')})`
  return requested === undefined ? `the provider ${name}` : `the provider ${name} (${originOf(requested)})`
}

/** The scheme, host and port of a URL. */
export function originOf(url: URL): string {
  return `${url.protocol}//${url.host}`
}

/** The label at the beginning of a sentence. */
export function capitalized(label: string): string {
  return label.charAt(0).toUpperCase() + label.slice(1)
}
