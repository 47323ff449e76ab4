import { describe, expect, test } from 'vitest'
import { type ErrorContext, toModelError } from './to-model-error.ts'

function sdkError(fields: object, message = 'what the provider said'): Error {
  return Object.assign(new Error(message), { name: 'AI_APICallError' }, fields)
}

const provider = 'the provider local (http://127.0.0.1:1/v1)'
const context: ErrorContext = { now: 0, secrets: [], provider }

describe('toModelError', () => {
  test.each<[number, string, boolean, boolean]>([
    [400, 'request_refused', false, false],
    [401, 'credential_refused', false, true],
    [402, 'credential_refused', false, true],
    [403, 'credential_refused', false, true],
    [404, 'request_refused', false, true],
    [408, 'provider_error', true, false],
    [413, 'request_refused', false, false],
    [422, 'request_refused', false, false],
    [429, 'rate_limited', true, false],
    [500, 'provider_error', true, false],
    [502, 'provider_error', true, false],
    [503, 'provider_overloaded', true, false],
    [529, 'provider_overloaded', true, false],
  ])('judges status %i as %s', (statusCode, code, retryable, configuration) => {
    expect(toModelError(sdkError({ statusCode }), context)).toMatchObject({ code, retryable, configuration })
  })

  test.each([
    ['prompt is too long: 200001 tokens > 200000 maximum', 400],
    ["This model's maximum context length is 8192 tokens", 400],
    ['The input token count (1200000) exceeds the maximum number of tokens allowed', 400],
  ])('knows %j as a conversation that is too long', (message, statusCode) => {
    const error = toModelError(sdkError({ statusCode }, message), context)
    expect(error).toMatchObject({ code: 'context_too_long', retryable: false })
  })

  test('does not take an overload that speaks of the context for one', () => {
    const error = toModelError(sdkError({ statusCode: 503 }, 'no room for this context length now'), context)
    expect(error.code).toBe('provider_overloaded')
  })

  test('shows a short reason in one line, and no secret', () => {
    const message = `bad\n request for abc-secret with sk-proj-1234567890 ${'x'.repeat(500)}`
    const error = toModelError(sdkError({ statusCode: 400 }, message), { ...context, secrets: ['abc-secret', ''] })
    expect(error.message).toMatch(
      /^The provider local \(http:\/\/127\.0\.0\.1:1\/v1\) refused the request \(status 400\): bad request for \[hidden\] with \[hidden\] x+…$/,
    )
    expect(error.message.length).toBeLessThan(400)
  })

  test('takes the wait from the headers', () => {
    const responseHeaders = { 'retry-after': '7' }
    expect(toModelError(sdkError({ statusCode: 429, responseHeaders }), context).retryAfterMs).toBe(7000)
    expect(toModelError(sdkError({ statusCode: 400, responseHeaders }), context).retryAfterMs).toBeUndefined()
  })

  test('keeps what it does not know as an unreadable answer, its cause with it', () => {
    for (const thrown of [new Error('odd'), { type: 'error', oops: 1 }, 'text', undefined]) {
      const error = toModelError(thrown, context)
      expect(error).toMatchObject({ code: 'bad_response', retryable: true })
      expect(error.cause).toBe(thrown)
    }
  })
})
