import { LLMock } from '@copilotkit/aimock'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkPathInput, collectCall, modelCall } from '../../../test/support/model-calls.ts'
import { createSystemClock } from '../../clock/system/create-system-clock.ts'
import type { RemoteKind } from '../catalogue.ts'
import type { ConversationMessage } from '../model.ts'
import { createAiSdkProvider } from './create-ai-sdk-provider.ts'
import { genaiPriceMicrosUsd } from './genai-price.ts'

let mock: LLMock

beforeEach(async () => {
  mock = new LLMock({ port: 0 })
  await mock.start()
})
afterEach(() => mock.stop())

interface Line {
  readonly kind: RemoteKind
  readonly name: string
  readonly model: string
  readonly basePath: string
  readonly pricedAs: string
}
const anthropic: Line = {
  kind: 'anthropic',
  name: 'anthropic',
  model: 'claude-opus-4-8',
  basePath: '/v1',
  pricedAs: 'anthropic',
}
const openai: Line = { kind: 'openai', name: 'openai', model: 'gpt-5.5', basePath: '/v1', pricedAs: 'openai' }
const compatible: Line = {
  kind: 'openai-compatible',
  name: 'my-vllm',
  model: 'glm-5',
  basePath: '/v1',
  pricedAs: 'zhipuai',
}
const google: Line = {
  kind: 'google',
  name: 'google',
  model: 'gemini-3-pro-preview',
  basePath: '/v1beta',
  pricedAs: 'google',
}
const deepseek: Line = {
  kind: 'deepseek',
  name: 'deepseek',
  model: 'deepseek-v4-pro',
  basePath: '/v1',
  pricedAs: 'deepseek',
}
const moonshot: Line = {
  kind: 'moonshotai',
  name: 'moonshotai',
  model: 'kimi-k2.6',
  basePath: '/v1',
  pricedAs: 'moonshotai',
}

const key = 'a-secret-key'

function provider(line: Line) {
  const settings = { name: line.name, kind: line.kind, baseUrl: `${mock.url}${line.basePath}`, apiKey: key }
  const parts = {
    clock: createSystemClock(),
    checkInput: checkPathInput,
    answerBytesPerTokenMax: 1024,
    toolCallsPerResponseMax: 1_000,
  }
  return createAiSdkProvider(settings, parts)
}

const ask = (line: Line, messages: string | ConversationMessage[], change: Parameters<typeof modelCall>[3] = {}) =>
  collectCall(provider(line).stream(modelCall(line.name, line.model, messages, change)))

const usage = { input_tokens: 1000, output_tokens: 20, prompt_tokens: 1000, completion_tokens: 20 }

describe.each([
  ['Anthropic', anthropic],
  ['OpenAI Responses', openai],
  ['an OpenAI-compatible server', compatible],
] as const)('through %s', (_, line) => {
  test('streams text and reasoning, and tells usage that can be priced', async () => {
    mock.onMessage('hello', { content: 'Hello, wide world. Nice to meet you!', reasoning: 'A greeting.', usage })
    const { deltas, response } = await ask(line, 'hello')
    const joined = (kind: string) => deltas.filter((delta) => delta.kind === kind).map((delta) => delta.text)
    expect(joined('text').join('')).toBe('Hello, wide world. Nice to meet you!')
    expect(joined('text').length).toBeGreaterThan(1)
    expect(joined('reasoning').join('')).toBe('A greeting.')
    expect(response).toMatchObject({ text: 'Hello, wide world. Nice to meet you!', reasoning: 'A greeting.' })
    expect(response.toolCalls).toEqual([])
    expect(response.usage).toMatchObject({ inputTokens: 1000, outputTokens: 20 })
    expect(response.usageEstimated).toBeUndefined()
    const price = { provider: line.pricedAs, model: line.model, usage: response.usage, at: Date.UTC(2026, 10, 1) }
    expect(genaiPriceMicrosUsd(price)).toBeGreaterThan(0)
  })

  test('asks for one step only, and goes on from the result of the tool', async () => {
    const toolCalls = [{ id: 'call_a1', name: 'read_file', arguments: '{"path":"a.txt"}' }]
    mock.on({ userMessage: 'what is in a.txt', hasToolResult: false }, { content: 'Reading.', toolCalls })
    mock.on({ userMessage: 'what is in a.txt', hasToolResult: true }, { content: 'Words.' })
    const first = await ask(line, 'what is in a.txt')
    expect(first.response).toMatchObject({ text: 'Reading.' })
    expect(first.response.toolCalls).toEqual([{ id: 'call_a1', tool: 'read_file', input: { path: 'a.txt' } }])
    expect(mock.getRequests()).toHaveLength(1)

    const conversation = (provider: string): ConversationMessage[] => [
      { role: 'user', text: 'what is in a.txt' },
      {
        role: 'assistant',
        text: first.response.text,
        toolCalls: first.response.toolCalls,
        verbatim: { provider, model: line.model, messages: first.response.messages },
      },
      { role: 'tool', callId: 'call_a1', tool: 'read_file', failed: false, output: 'some words' },
    ]
    for (const provider of [line.name, 'another']) {
      expect((await ask(line, conversation(provider))).response.text).toBe('Words.')
      const sent = JSON.stringify(mock.getLastRequest()?.body)
      expect(sent).toContain('some words')
      expect(sent).toContain('Reading.')
      expect(sent).toContain('call_a1')
      expect(sent).toContain('Be brief.')
    }
  })

  test('gives calls that cannot be carried out back with the reason', async () => {
    const toolCalls = [
      { id: 'c1', name: 'read_file', arguments: '{"path":42}' },
      { id: 'c2', name: 'fly', arguments: '{}' },
      { id: 'c3', name: 'read_file', arguments: '{"path":"ok"}' },
    ]
    mock.on({ userMessage: 'hello', hasToolResult: false }, { toolCalls })
    mock.on({ userMessage: 'hello', hasToolResult: true }, { content: 'I see.' })
    const { response } = await ask(line, 'hello')
    expect(response.toolCalls).toEqual([
      {
        id: 'c1',
        tool: 'read_file',
        input: { path: 42 },
        invalid: 'The input does not fit the schema of the tool: path must be string.',
      },
      { id: 'c2', tool: 'fly', input: {}, invalid: 'There is no tool named "fly".' },
      { id: 'c3', tool: 'read_file', input: { path: 'ok' } },
    ])
    expect(response.messages).toMatchObject([{ role: 'assistant' }])
    const answers = response.toolCalls.map(({ id, tool }): ConversationMessage => {
      return { role: 'tool', callId: id, tool, failed: id !== 'c3', output: `answer ${id}` }
    })
    const verbatim = { provider: line.name, model: line.model, messages: response.messages }
    const assistant: ConversationMessage = { role: 'assistant', text: '', toolCalls: response.toolCalls, verbatim }
    const next = await ask(line, [{ role: 'user', text: 'hello' }, assistant, ...answers])
    expect(next.response.text).toBe('I see.')
    const sent = JSON.stringify(mock.getLastRequest()?.body)
    for (const id of ['c1', 'c2', 'c3']) expect(sent.split(`answer ${id}`)).toHaveLength(2)
  })

  test('reports a rate limit with the wait that the provider asks for, without its key', async () => {
    mock.nextRequestError(429, { message: `slow down, ${key}`, type: 'rate_limit_error' })
    const error = ask(line, 'hello')
    await expect(error).rejects.toMatchObject({ code: 'rate_limited', retryable: true, retryAfterMs: 1000 })
    await expect(error).rejects.not.toThrow(key)
    expect(mock.getRequests()).toHaveLength(1)
  })

  test('reports a failing provider as worth a retry, and does not retry by itself', async () => {
    mock.nextRequestError(500, { message: 'oops', type: 'api_error' })
    await expect(ask(line, 'hello')).rejects.toMatchObject({
      code: 'provider_error',
      retryable: true,
      configuration: false,
      streamedChars: 0,
      usage: undefined,
    })
    expect(mock.getRequests()).toHaveLength(1)
  })

  test('reports a refused key as a matter of configuration', async () => {
    mock.nextRequestError(401, { message: `invalid key ${key}`, type: 'authentication_error' })
    await expect(ask(line, 'hello')).rejects.toMatchObject({
      code: 'credential_refused',
      message: `The provider ${line.name} (${mock.url}${line.basePath}) refused the server's key or account (status 401).`,
      retryable: false,
      configuration: true,
    })
  })
})

describe.each([
  ['Google', google],
  ['DeepSeek', deepseek],
  ['Moonshot AI', moonshot],
] as const)('through %s', (_, line) => {
  test('makes a round with a tool', async () => {
    const toolCalls = [{ id: 'call_a1', name: 'read_file', arguments: '{"path":"a.txt"}' }]
    mock.on({ userMessage: 'hello', hasToolResult: false }, { content: 'Reading.', toolCalls })
    mock.on({ userMessage: 'hello', hasToolResult: true }, { content: 'Words.' })
    const { response } = await ask(line, 'hello')
    expect(response.toolCalls).toMatchObject([{ tool: 'read_file', input: { path: 'a.txt' } }])
    const { toolCalls: calls, messages } = response
    const verbatim = { provider: line.name, model: line.model, messages }
    const next = await ask(line, [
      { role: 'user', text: 'hello' },
      { role: 'assistant', text: response.text, toolCalls: calls, verbatim },
      { role: 'tool', callId: calls[0]?.id ?? '', tool: 'read_file', failed: false, output: 'words' },
    ])
    expect(next.response.text).toBe('Words.')
  })
})
