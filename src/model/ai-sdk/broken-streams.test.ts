import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { checkPathInput, collectCall, eventually, modelCall } from '../../../test/support/model-calls.ts'
import { beginSse, type RawModelStub, sse, startRawModelStub } from '../../../test/support/raw-model-stub.ts'
import { createFakeClock, type FakeClock } from '../../clock/fake/create-fake-clock.ts'
import type { ProviderSettings, RemoteKind } from '../catalogue.ts'
import type { ModelCall } from '../model.ts'
import { createAiSdkProvider } from './create-ai-sdk-provider.ts'
import type { CallTimer } from './guarded-fetch.ts'

let stub: RawModelStub
let clock: FakeClock
let timersSet: number

beforeEach(async () => {
  stub = await startRawModelStub()
  clock = createFakeClock()
  timersSet = 0
})
afterEach(async () => {
  expect(clock.waiting).toBe(0)
  await stub.close()
})

function call(change: Partial<ModelCall> = {}, settings: Partial<ProviderSettings> = {}) {
  const own: ProviderSettings = { name: 'local', kind: 'openai-compatible', baseUrl: stub.url, apiKey: null }
  const counting: CallTimer = {
    now: clock.now,
    after(ms, callback) {
      timersSet += 1
      return clock.after(ms, callback)
    },
  }
  const parts = {
    clock: counting,
    checkInput: checkPathInput,
    answerBytesPerTokenMax: 1024,
    toolCallsPerResponseMax: 1_000,
  }
  const provider = createAiSdkProvider({ ...own, ...settings }, parts)
  return provider.stream(modelCall('local', 'm', 'hello', change))
}

const anthropic = (): Partial<ProviderSettings> => ({ kind: 'anthropic', name: 'anthropic', apiKey: 'k' })

const piece = (content: string) => ({ id: 'x', choices: [{ index: 0, delta: { content } }] })
const end = { id: 'x', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }
const anthropicStart = (usage: object) => ({
  type: 'message_start',
  message: { id: 'm1', type: 'message', role: 'assistant', model: 'm', content: [], usage },
})
const anthropicText = [
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello there' } },
]

const reply = (body: string) => (response: ServerResponse) => {
  beginSse(response, body)
  response.end()
}

describe('a stream that breaks', () => {
  test('is cut when the socket closes in the middle, and says how far it came', async () => {
    stub.answer((response) => {
      beginSse(response, sse(piece('Hel'), piece('lo')))
      void stub.requested(1).then(() => response.write('', () => response.destroy()))
    })
    await expect(collectCall(call())).rejects.toMatchObject({
      code: 'connection_cut',
      retryable: true,
      configuration: false,
      streamedChars: 5,
      usage: undefined,
    })
    expect(stub.requests).toHaveLength(1)
  })

  test('is cut when it ends without the provider saying that it is done', async () => {
    stub.answer(reply(sse(piece('Hel'), piece('lo'))))
    await expect(collectCall(call())).rejects.toMatchObject({ code: 'connection_cut', streamedChars: 5 })
  })

  test('is cut when nothing comes at all', async () => {
    stub.answer(reply(''))
    await expect(collectCall(call())).rejects.toMatchObject({ code: 'connection_cut', retryable: true })
  })

  test('keeps what Anthropic told of the usage before it broke', async () => {
    const usage = { input_tokens: 7, cache_read_input_tokens: 90, cache_creation_input_tokens: 3, output_tokens: 1 }
    stub.answer(reply(sse(anthropicStart(usage), ...anthropicText)))
    await expect(collectCall(call({}, anthropic()))).rejects.toMatchObject({
      code: 'connection_cut',
      streamedChars: 11,
      usage: { inputTokens: 100, cacheReadTokens: 90, cacheWriteTokens: 3, outputTokens: 4 },
      usageEstimated: true,
    })
  })

  test('never hands on a tool call of which only a part came', async () => {
    const part = { index: 0, id: 'c1', type: 'function', function: { name: 'read_file', arguments: '{"path":"a' } }
    stub.answer(reply(sse({ id: 'x', choices: [{ index: 0, delta: { tool_calls: [part] } }] })))
    await expect(collectCall(call())).rejects.toMatchObject({ code: 'connection_cut', streamedChars: 10 })
  })

  test('is unreadable when a frame is not JSON', async () => {
    stub.answer(reply(sse(piece('Hel'), '{"oops', end, '[DONE]')))
    await expect(collectCall(call())).rejects.toMatchObject({
      code: 'bad_response',
      message: `The answer of the provider local (${stub.url}) could not be read.`,
      retryable: true,
      streamedChars: 3,
    })
  })

  test('reports an overload that the provider tells in the stream', async () => {
    const overloaded = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    stub.answer(reply(sse(anthropicStart({ input_tokens: 5, output_tokens: 1 }), ...anthropicText, overloaded)))
    await expect(collectCall(call({}, anthropic()))).rejects.toMatchObject({
      code: 'provider_overloaded',
      retryable: true,
      streamedChars: 11,
      usage: { inputTokens: 5 },
    })
  })

  test('reports a response of OpenAI that failed', async () => {
    const failed = {
      type: 'response.failed',
      sequence_number: 1,
      response: { error: { code: 'server_error', message: 'the model broke' }, incomplete_details: null },
    }
    stub.answer(reply(sse(failed)))
    const settings: Partial<ProviderSettings> = { kind: 'openai', name: 'openai', apiKey: 'k' }
    await expect(collectCall(call({}, settings))).rejects.toMatchObject({ code: 'provider_error', retryable: true })
  })
})

describe('time', () => {
  test('runs out when the provider does not begin to answer', async () => {
    const result = collectCall(call())
    const request = await stub.requested(1)
    clock.advance(9_999)
    expect(clock.waiting).toBe(2)
    clock.advance(1)
    await expect(result).rejects.toMatchObject({ code: 'first_byte_timeout', retryable: true, streamedChars: 0 })
    await request.closed
  })

  test('runs out when headers come, but no byte of the answer', async () => {
    stub.answer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.flushHeaders()
    })
    const result = collectCall(call())
    await stub.requested(1)
    clock.advance(10_000)
    await expect(result).rejects.toMatchObject({ code: 'first_byte_timeout' })
  })

  test('runs out when the provider falls silent in the middle', async () => {
    stub.answer((response) => beginSse(response, sse(piece('Hello'))))
    const stream = call()
    expect((await stream.next()).value).toEqual({ kind: 'text', text: 'Hello' })
    const rest = collectCall(stream)
    await eventually(() => clock.waiting === 2)
    clock.advance(19_999)
    expect(clock.waiting).toBe(2)
    clock.advance(1)
    await expect(rest).rejects.toMatchObject({ code: 'idle_timeout', retryable: true, streamedChars: 5 })
    await stub.requests[0]?.closed
  })

  test('starts anew with every sign of life, an empty comment included', async () => {
    let answering: ServerResponse | undefined
    stub.answer((response) => {
      answering = response
      beginSse(response, sse(piece('Hello')))
    })
    const stream = call()
    await stream.next()
    const rest = collectCall(stream)
    await eventually(() => clock.waiting === 2)
    for (let beat = 0; beat < 3; beat += 1) {
      clock.advance(15_000)
      const before = timersSet
      answering?.write(': alive\n\n')
      await eventually(() => timersSet === before + 1)
    }
    answering?.end(sse(end, '[DONE]'))
    expect((await rest).response.text).toBe('Hello')
  })

  test('runs out for the call as a whole, however lively the provider is', async () => {
    stub.answer((response) => beginSse(response, sse(piece('Hello'))))
    const stream = call({ timeouts: { firstByteMs: 10_000, idleMs: 90_000, totalMs: 60_000 } })
    await stream.next()
    const rest = collectCall(stream)
    await eventually(() => clock.waiting === 2)
    clock.advance(60_000)
    await expect(rest).rejects.toMatchObject({ code: 'total_timeout', retryable: true, streamedChars: 5 })
  })
})

describe('the caller', () => {
  test('ends a call that hangs, with the reason it gives, and the connection with it', async () => {
    const abort = new AbortController()
    const result = collectCall(call({ signal: abort.signal }))
    const request = await stub.requested(1)
    const reason = new Error('cancelled')
    abort.abort(reason)
    await expect(result).rejects.toBe(reason)
    await request.closed
  })

  test('ends a call in the middle of its stream', async () => {
    stub.answer((response) => beginSse(response, sse(piece('Hello'))))
    const abort = new AbortController()
    const stream = call({ signal: abort.signal })
    await stream.next()
    const rest = collectCall(stream)
    abort.abort('stop it')
    await expect(rest).rejects.toBe('stop it')
    await stub.requests[0]?.closed
  })

  test('closes the connection when it stops reading', async () => {
    stub.answer((response) => beginSse(response, sse(piece('Hello'))))
    const stream = call()
    await stream.next()
    const response = { text: '', reasoning: '', toolCalls: [], finish: '', usage: {}, messages: null }
    await stream.return(response as never)
    await stub.requests[0]?.closed
  })

  test('asks for nothing when it is aborted already', async () => {
    const signal = AbortSignal.abort('too late')
    await expect(collectCall(call({ signal }))).rejects.toBe('too late')
    expect(stub.requests).toHaveLength(0)
  })
})

describe('a request', () => {
  test('fails as unreachable when nobody listens', async () => {
    const { url } = stub
    await stub.close()
    const result = collectCall(call({}, { baseUrl: url }))
    await expect(result).rejects.toMatchObject({
      code: 'connection_failed',
      message: `The provider local (${url}) could not be reached (ECONNREFUSED).`,
      retryable: true,
    })
    stub = await startRawModelStub()
  })

  test.each<[RemoteKind, string]>([
    ['openai-compatible', 'OPENAI_API_KEY'],
    ['openai', 'OPENAI_API_KEY'],
    ['anthropic', 'ANTHROPIC_API_KEY'],
    ['google', 'GOOGLE_GENERATIVE_AI_API_KEY'],
    ['xai', 'XAI_API_KEY'],
    ['deepseek', 'DEEPSEEK_API_KEY'],
    ['moonshotai', 'MOONSHOT_API_KEY'],
  ])('through %s carries no key that was not given to it, whatever the environment holds', async (kind, variable) => {
    vi.stubEnv(variable, 'key-of-another-server')
    stub.answer(reply(''))
    await expect(collectCall(call({}, { kind }))).rejects.toThrow()
    expect(JSON.stringify(stub.requests[0]?.headers)).not.toContain('key-of-another-server')
    vi.unstubAllEnvs()
  })

  test('has its usage estimated where the provider tells none', async () => {
    stub.answer(reply(sse(piece('Hello'), end, '[DONE]')))
    const { response } = await collectCall(call())
    expect(response.usageEstimated).toBe(true)
    expect(response.usage.inputTokens).toBeGreaterThan(10)
    expect(response.usage.outputTokens).toBe(2)
  })

  test('holds the options of the catalogue and asks OpenAI to keep nothing', async () => {
    const choice = { provider: 'openai', model: 'gpt-5.5', name: null, options: { reasoningEffort: 'high' } }
    const settings: Partial<ProviderSettings> = { kind: 'openai', name: 'openai', apiKey: 'k' }
    stub.answer(reply(''))
    await expect(collectCall(call({ choice }, settings))).rejects.toThrow()
    expect(JSON.parse(stub.requests[0]?.body ?? '')).toMatchObject({
      model: 'gpt-5.5',
      store: false,
      reasoning: { effort: 'high' },
      include: ['reasoning.encrypted_content'],
    })
  })

  test('gives options to a compatible server under any name of the provider', async () => {
    stub.answer(reply(sse(piece('Hi'), end, '[DONE]')))
    const choice = { provider: 'my-own_server', model: 'm', name: null, options: { reasoningEffort: 'low' } }
    await collectCall(call({ choice, outputTokensMax: 77 }, { name: 'my-own_server' }))
    expect(JSON.parse(stub.requests[0]?.body ?? '')).toMatchObject({ reasoning_effort: 'low', max_tokens: 77 })
  })

  test('sets a limit for Anthropic where the caller set none, and lets it cache the prompt', async () => {
    stub.answer(reply(sse(anthropicStart({ input_tokens: 1, output_tokens: 1 }))))
    await expect(collectCall(call({}, anthropic()))).rejects.toThrow()
    const body = JSON.parse(stub.requests[0]?.body ?? '')
    expect(body).toMatchObject({ max_tokens: 32_000, cache_control: { type: 'ephemeral' } })
  })

  test.each<[string, number, object, object]>([
    ['a model that does not exist', 404, { message: 'no model m' }, { code: 'request_refused', configuration: true }],
    ['a bad request', 400, { message: 'bad' }, { code: 'request_refused', configuration: false, retryable: false }],
    [
      'a conversation that is too long',
      400,
      { message: 'too many tokens', code: 'context_length_exceeded' },
      { code: 'context_too_long', retryable: false },
    ],
    [
      'an empty account',
      429,
      { message: 'You exceeded your current quota', code: 'insufficient_quota' },
      { code: 'credential_refused', retryable: false, configuration: true },
    ],
    ['an overload', 503, { message: 'busy' }, { code: 'provider_overloaded', retryable: true, retryAfterMs: 30_000 }],
  ])('that is refused for %s is told apart', async (_, status, error, expected) => {
    stub.answer((response) => {
      const retryAt = new Date(clock.now() + 30_000).toUTCString()
      response.writeHead(status, { 'content-type': 'application/json', 'retry-after': retryAt })
      response.end(JSON.stringify({ error }))
    })
    await expect(collectCall(call())).rejects.toMatchObject(expected)
  })
})

describe('through xAI', () => {
  test('makes one step', async () => {
    const item = { type: 'message', id: 'm1', role: 'assistant', status: 'in_progress', content: [] }
    const base = { id: 'r1', object: 'response', created_at: 1, model: 'grok-4.3', output: [] }
    const usage = { input_tokens: 9, output_tokens: 2, total_tokens: 11 }
    stub.answer(
      reply(
        sse(
          { type: 'response.created', response: { ...base, status: 'in_progress' } },
          { type: 'response.output_item.added', output_index: 0, item },
          { type: 'response.output_text.delta', item_id: 'm1', output_index: 0, content_index: 0, delta: 'Hello' },
          { type: 'response.completed', response: { ...base, status: 'completed', usage } },
        ),
      ),
    )
    const { deltas, response } = await collectCall(call({}, { kind: 'xai', name: 'xai', apiKey: 'k' }))
    expect(deltas).toEqual([{ kind: 'text', text: 'Hello' }])
    expect(response).toMatchObject({ text: 'Hello', usage: { inputTokens: 9, outputTokens: 2 } })
    expect(JSON.parse(stub.requests[0]?.body ?? '')).toMatchObject({ model: 'm', store: false })
  })
})
