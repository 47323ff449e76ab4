import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { answerForEver } from '../../../test/support/endless-answers.ts'
import { checkPathInput, collectCall, modelCall } from '../../../test/support/model-calls.ts'
import { beginSse, type RawModelStub, sse, startRawModelStub } from '../../../test/support/raw-model-stub.ts'
import { createSystemClock } from '../../clock/system/create-system-clock.ts'
import { type ProviderSettings, remoteKinds } from '../catalogue.ts'
import type { ModelCall } from '../model.ts'
import { createAiSdkProvider } from './create-ai-sdk-provider.ts'

let stub: RawModelStub
let other: RawModelStub
beforeEach(async () => {
  stub = await startRawModelStub()
  other = await startRawModelStub()
})
afterEach(async () => {
  await stub.close()
  await other.close()
})

const key = 'a-secret-key'

function call(settings: Partial<ProviderSettings> = {}, change: Partial<ModelCall> = {}) {
  const own: ProviderSettings = { name: 'local', kind: 'openai-compatible', baseUrl: `${stub.url}/v1`, apiKey: key }
  const parts = {
    clock: createSystemClock(),
    checkInput: checkPathInput,
    answerBytesPerTokenMax: 1024,
    toolCallsPerResponseMax: 1_000,
  }
  return createAiSdkProvider({ ...own, ...settings }, parts).stream(modelCall('local', 'm', 'hello', change))
}
const failureOf = (...given: Parameters<typeof call>) =>
  collectCall(call(...given)).then(
    () => Promise.reject(new Error('it was answered')),
    (error: unknown) => error as Error,
  )

describe('a redirect', () => {
  test.each(remoteKinds.flatMap((kind) => [301, 302, 303, 307, 308].map((status) => [kind, status] as const)))(
    'of %s with %i is not followed: neither key nor conversation leave for the other host',
    async (kind, status) => {
      stub.answer((response) => void response.writeHead(status, { location: `${other.url}/v1/chat` }).end())
      other.answer((response) => void response.writeHead(200).end())
      const error = await failureOf({ kind })
      expect(error).toMatchObject({ code: 'redirected', retryable: false, configuration: true, streamedChars: 0 })
      expect(error.message).toContain(`the provider local (${stub.url}/v1)`.slice(1))
      expect(error.message).toContain(`to ${other.url} `)
      expect(error.message).not.toContain(key)
      expect(stub.requests).toHaveLength(1)
      expect(other.requests).toHaveLength(0)
    },
  )

  test('to the same host is not followed either', async () => {
    stub.answer((response) => void response.writeHead(307, { location: '/v2/chat/completions' }).end())
    expect(await failureOf()).toMatchObject({ code: 'redirected' })
    expect(stub.requests).toHaveLength(1)
  })

  test.each([
    ['nowhere', {}, 'an address that is none'],
    ['what is no address', { location: 'http://' }, 'an address that is none'],
    ['what is empty', { location: '' }, 'an address that is none'],
    ['an address with a secret in it', { location: 'https://user:pw@example.test/?token=t' }, 'https://example.test '],
  ])('to %s is told so', async (_, headers, told) => {
    stub.answer((response) => void response.writeHead(302, headers).end())
    const { message } = await failureOf()
    expect(message).toContain(`to ${told}`)
    expect(message).not.toMatch(/pw|token/)
  })
})

describe('what is no API of a model', () => {
  const html = '<!doctype html><title>Welcome to nginx!</title>'

  test.each([
    ['text/html', html, 'a web page'],
    ['text/html; charset=utf-8', html, 'a web page'],
    ['application/xhtml+xml', html, 'a web page'],
    ['text/plain', html, 'text/plain'],
    ['application/json', '{"object":"chat.completion","choices":[]}', 'application/json'],
    [undefined, html, 'something without a type'],
  ])('and answers %s with status 200 is named and not tried again', async (type, body, told) => {
    stub.answer((response) => {
      response.writeHead(200, type === undefined ? {} : { 'content-type': type }).end(body)
    })
    const error = await failureOf()
    expect(error).toMatchObject({ code: 'not_an_api', retryable: false, configuration: true, streamedChars: 0 })
    expect(error.message).toBe(
      `The provider local (${stub.url}/v1) answered with ${told} and not with a stream of events: its base URL does not lead to the API of a model.`,
    )
  })

  test('and sends a page is left at the head of it, however long the page takes', async () => {
    stub.answer((response) => void response.writeHead(200, { 'content-type': 'text/html' }).write(html))
    expect(await failureOf()).toMatchObject({ code: 'not_an_api' })
    await stub.requests[0]?.closed
  })

  test('is not a stream of events under another type', async () => {
    const end = { id: 'x', choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: 'stop' }] }
    stub.answer((response) => void response.writeHead(200, { 'content-type': 'text/plain' }).end(sse(end, '[DONE]')))
    expect((await collectCall(call())).response.text).toBe('Hi')
  })

  test('is not a provider that tells an error under another type', async () => {
    stub.answer((response) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      response.end(sse({ error: { message: 'You exceeded your current quota', code: 'insufficient_quota' } }))
    })
    expect(await failureOf()).toMatchObject({ code: 'credential_refused' })
  })

  test('is not a stream of events under another type that breaks off', async () => {
    const part = { id: 'x', choices: [{ index: 0, delta: { content: 'Hi' } }] }
    stub.answer((response) => void response.writeHead(200, { 'content-type': 'text/plain' }).end(sse(part)))
    expect(await failureOf()).toMatchObject({ code: 'connection_cut', retryable: true })
  })
})

describe('every error names the provider and its address', () => {
  const named = () => `he provider local (${stub.url}/v1)`

  test.each([
    [400, '{"error":{"message":"bad"}}'],
    [401, '{"error":{"message":"no"}}'],
    [404, html404()],
    [429, '{"error":{"message":"slow"}}'],
    [500, '{"error":{"message":"oops"}}'],
    [502, html404()],
    [503, '{"error":{"message":"busy"}}'],
    [400, '{"error":{"message":"too long","code":"context_length_exceeded"}}'],
  ])('for status %i', async (status, body) => {
    stub.answer((response) => void response.writeHead(status, { 'content-type': 'application/json' }).end(body))
    expect((await failureOf()).message).toContain(named())
  })

  test('for an answer that breaks off, one that cannot be read, and one that is cut', async () => {
    const part = { id: 'x', choices: [{ index: 0, delta: { content: 'Hi' } }] }
    stub.answer((response) => {
      beginSse(response, sse(part))
      response.end()
    })
    stub.answer((response) => {
      beginSse(response, sse(part, '{"oops'))
      response.end()
    })
    stub.answer((response) => {
      beginSse(response, sse(part))
      response.write('', () => response.destroy())
    })
    for (let count = 0; count < 3; count += 1) expect((await failureOf()).message).toContain(named())
  })

  test('for a provider that does not answer in time', async () => {
    const timeouts = { firstByteMs: 1, idleMs: 1_000, totalMs: 60_000 }
    expect((await failureOf({}, { timeouts })).message).toBe(`T${named()} did not begin to answer within 0.001 s.`)
    const total = { firstByteMs: 60_000, idleMs: 1_000, totalMs: 1 }
    expect((await failureOf({}, { timeouts: total })).message).toBe(
      `T${named()} did not complete its answer within 0.001 s.`,
    )
  })

  test('without what its address may hold of secrets', async () => {
    const { host } = new URL(stub.url)
    await stub.close()
    const { message } = await failureOf({ baseUrl: `http://${host}/v1/?api_key=${key}` })
    expect(message).toBe(`The provider local (http://${host}/v1) could not be reached (ECONNREFUSED).`)
    stub = await startRawModelStub()
  })

  function html404(): string {
    return '<html><body><h1>404 Not Found</h1></body></html>'
  }
})

describe('an answer that does not stop', () => {
  test('is charged for all the output it may have, and is not tried again', async () => {
    stub.answer((response) => answerForEver(response, 'text'))
    const error = await failureOf({}, { outputTokensMax: 200_000 })
    expect(error).toMatchObject({ code: 'answer_too_long', retryable: false, configuration: false, usage: undefined })
    expect(error).toMatchObject({ streamedChars: expect.any(Number) })
    expect((error as Error & { streamedChars: number }).streamedChars).toBeGreaterThanOrEqual(600_000)
    expect(error.message).toContain('answer_bytes_per_token_max')
    await stub.requests[0]?.closed
  })

  test('is charged so too where nothing of it was an answer', async () => {
    stub.answer((response) => answerForEver(response, 'an error body'))
    expect(await failureOf({}, { outputTokensMax: 50 })).toMatchObject({ code: 'answer_too_long', streamedChars: 150 })
  })

  test('in its headers is no connection that failed, and is not tried again either', async () => {
    stub.answer((response) => answerForEver(response, 'headers'))
    const error = await failureOf({}, { outputTokensMax: 50 })
    expect(error).toMatchObject({ code: 'answer_too_long', retryable: false, streamedChars: 150 })
  })

  test('is charged the input that was told and no more output than it may have', async () => {
    const usage = { input_tokens: 7, output_tokens: 1 }
    const message = { id: 'm1', type: 'message', role: 'assistant', model: 'm', content: [], usage }
    const more = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'x'.repeat(1_000) } }
    stub.answer((response) => {
      beginSse(
        response,
        sse(
          { type: 'message_start', message },
          { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
          ...Array<typeof more>(400).fill(more),
        ),
      )
    })
    expect(await failureOf({ kind: 'anthropic' }, { outputTokensMax: 100 })).toMatchObject({
      code: 'answer_too_long',
      usage: { inputTokens: 7, outputTokens: 100 },
      usageEstimated: true,
    })
  })

  const begun = (index: number) => ({
    index,
    id: `c${index}`,
    type: 'function',
    function: { name: 'read_file', arguments: '{}' },
  })
  test('is ended at the tool call that is one too many, whether or not more follow', async () => {
    const calls = Array.from({ length: 1_001 }, (_, index) => ({
      choices: [{ delta: { tool_calls: [begun(index)] } }],
    }))
    stub.answer((response) => beginSse(response, sse(...calls)))
    const error = await failureOf()
    expect(error).toMatchObject({ code: 'answer_too_long', retryable: false })
    expect(error.message).toContain('tool_calls_per_response_max')
    await stub.requests[0]?.closed
  })

  test('is ended before an event is parsed that holds more values than can be read in one go', async () => {
    const calls = Array.from({ length: 20_000 }, (_, index) => begun(index))
    stub.answer((response) => beginSse(response, sse({ choices: [{ delta: { tool_calls: calls } }] })))
    expect(await failureOf()).toMatchObject({ code: 'answer_too_long', retryable: false })
  })
})
