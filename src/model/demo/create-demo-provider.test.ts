import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFakeClock, type FakeClock } from '../../clock/fake/create-fake-clock.ts'
import type { ConversationMessage, ModelCall, ModelDelta, ModelResponse, ToolCall } from '../model.ts'
import { createDemoProvider } from './create-demo-provider.ts'

const allTools = ['list_files', 'read_file', 'write_file', 'fetch_url', 'ask_question']

function modelCall(messages: readonly ConversationMessage[], change: Partial<ModelCall> = {}): ModelCall {
  return {
    choice: { provider: 'demo', model: 'demo', name: 'demo', options: {} },
    instructions: null,
    messages,
    tools: allTools.map((name) => ({ name, description: name, inputSchema: { type: 'object' } })),
    outputTokensMax: null,
    timeouts: { firstByteMs: 1, idleMs: 1, totalMs: 1 },
    signal: new AbortController().signal,
    ...change,
  }
}

function demo(clock: FakeClock = createFakeClock()) {
  return createDemoProvider({
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const cancel = clock.after(ms, resolve)
        signal.addEventListener('abort', () => {
          cancel()
          reject(signal.reason)
        })
      }),
  })
}

async function collect(stream: AsyncGenerator<ModelDelta, ModelResponse, void>) {
  const deltas: string[] = []
  for (;;) {
    const next = await stream.next()
    if (next.done === true) return { deltas, response: next.value }
    deltas.push(next.value.text)
  }
}

const ask = (text: string, change: Partial<ModelCall> = {}) =>
  collect(demo().stream(modelCall([{ role: 'user', text }], change)))

/** Plays the runner: calls the model again with each tool's answer until it asks for nothing more. */
async function converse(text: string, perform: (call: ToolCall) => string | Error, change: Partial<ModelCall> = {}) {
  const messages: ConversationMessage[] = [{ role: 'user', text }]
  const calls: ToolCall[] = []
  const texts: string[] = []
  for (;;) {
    const { response } = await collect(demo().stream(modelCall(messages, change)))
    texts.push(response.text)
    messages.push({ role: 'assistant', text: response.text, toolCalls: response.toolCalls, verbatim: null })
    if (response.toolCalls.length === 0) return { calls, texts, answer: response.text, messages }
    for (const call of response.toolCalls) {
      calls.push(call)
      const result = perform(call)
      const failed = result instanceof Error
      const output = failed ? result.message : result
      messages.push({ role: 'tool', callId: call.id, tool: call.tool, failed, output })
    }
  }
}

describe('the demo model', () => {
  test('says a text exactly, word by word', async () => {
    const { deltas, response } = await ask('say Hello,  wide\nworld')
    expect(deltas).toEqual(['Hello,', '  wide', '\nworld'])
    expect(response).toMatchObject({ text: 'Hello,  wide\nworld', toolCalls: [], finish: 'stop' })
    expect(response.usage).toMatchObject({ inputTokens: 6, outputTokens: 3 })
  })

  test('streams exactly N tokens, repeating the words in order', async () => {
    const { deltas, response } = await ask('say one two three in 200 tokens')
    expect(deltas).toHaveLength(200)
    expect(deltas.slice(0, 4)).toEqual(['one', ' two', ' three', ' one'])
    expect(response.text).toBe(deltas.join(''))
    expect(response.usage.outputTokens).toBe(200)
  })

  test('says several texts in one answer, a line each', async () => {
    expect((await ask('say a then say b in 2 tokens')).response.text).toBe('a\nb b')
  })

  test('waits 20 ms between the tokens of a slow text', async () => {
    const clock = createFakeClock(0)
    const stream = demo(clock).stream(modelCall([{ role: 'user', text: 'say a b c slowly' }]))
    expect((await stream.next()).value).toEqual({ kind: 'text', text: 'a' })
    const second = stream.next()
    clock.advance(19)
    expect(clock.waiting).toBe(1)
    clock.advance(1)
    expect((await second).value).toEqual({ kind: 'text', text: ' b' })
  })

  test('waits by the clock and goes on', async () => {
    const clock = createFakeClock(0)
    const answer = collect(demo(clock).stream(modelCall([{ role: 'user', text: 'wait 5 seconds then say done' }])))
    clock.advance(4_999)
    expect(clock.waiting).toBe(1)
    clock.advance(1)
    expect((await answer).response.text).toBe('done')
  })

  test('throws the reason of an abort out of a wait and leaves no timer', async () => {
    const clock = createFakeClock(0)
    const abort = new AbortController()
    const messages: ConversationMessage[] = [{ role: 'user', text: 'wait 5 seconds' }]
    const answer = collect(demo(clock).stream(modelCall(messages, { signal: abort.signal })))
    const reason = new Error('cancelled')
    abort.abort(reason)
    await expect(answer).rejects.toBe(reason)
    expect(clock.waiting).toBe(0)
  })

  test('throws the reason of an abort out of a long text', async () => {
    const abort = new AbortController()
    const call = modelCall([{ role: 'user', text: 'say a in 1000 tokens' }], { signal: abort.signal })
    const stream = demo().stream(call)
    await stream.next()
    abort.abort(new Error('cancelled'))
    await expect(collect(stream)).rejects.toThrow('cancelled')
  })

  test('lets other work run while it streams', async () => {
    const seen: string[] = []
    const run = async (name: string) => {
      for await (const _ of demo().stream(modelCall([{ role: 'user', text: 'say a in 64 tokens' }]))) seen.push(name)
    }
    await Promise.all([run('one'), run('two')])
    expect(seen.indexOf('two')).toBeLessThan(seen.lastIndexOf('one'))
    expect(seen.indexOf('one')).toBeLessThan(seen.lastIndexOf('two'))
  })

  test('fails with the given reason, which is nobody’s configuration and not worth a retry', async () => {
    await expect(ask('say oh then fail out of cheese')).rejects.toMatchObject({
      code: 'request_refused',
      message: 'out of cheese',
      retryable: false,
      configuration: false,
      streamedChars: 2,
    })
  })

  test('counts the words that the tool really returned', async () => {
    const { calls, answer } = await converse('count the words in a.txt', () => 'one two\n three ')
    expect(calls).toEqual([{ id: 'call_1', tool: 'read_file', input: { path: 'a.txt' } }])
    expect(answer).toBe('a.txt has 3 words.')
  })

  test('does one tool call per step and says in the last what came of each', async () => {
    const { calls, texts } = await converse(
      'say hi then write two words to a.txt then list the files then say bye then read a.txt then fetch http://x.test/',
      (call) => ({ list_files: 'a.txt', read_file: 'two words', fetch_url: '# X' })[call.tool] ?? 'ok',
    )
    expect(calls.map((call) => [call.tool, call.input])).toEqual([
      ['write_file', { path: 'a.txt', content: 'two words' }],
      ['list_files', {}],
      ['read_file', { path: 'a.txt' }],
      ['fetch_url', { url: 'http://x.test/' }],
    ])
    expect(texts).toEqual([
      'hi',
      '',
      'bye',
      '',
      ['Wrote 2 words to a.txt.', 'The files:\na.txt', 'a.txt holds:\ntwo words', 'http://x.test/ holds:\n# X'].join(
        '\n',
      ),
    ])
  })

  test('tells a denied or failed action in plain words and goes on', async () => {
    const { calls, answer } = await converse('fetch http://x.test/ then write a to b', (call) =>
      call.tool === 'fetch_url' ? new Error('denied: the agent may not use the network') : 'ok',
    )
    expect(calls).toHaveLength(2)
    expect(answer).toBe(
      'Fetching http://x.test/ did not work: denied: the agent may not use the network\nWrote 1 word to b.',
    )
  })

  test('says which tool it was not given, and goes on', async () => {
    const tools = modelCall([]).tools.filter((tool) => tool.name !== 'read_file')
    const { calls, answer } = await converse('read a then list the files', () => '', { tools })
    expect(calls.map((call) => call.tool)).toEqual(['list_files'])
    expect(answer).toBe('Reading a was not possible: this agent was not given the tool read_file.\nThere are no files.')
  })

  test('asks a person, says what they answered, and uses it in what follows', async () => {
    const { calls, answer } = await converse(
      'ask: Which color? [red|*blue] within 60 seconds then write it is {answer} to {answer}.txt then say {answer} it is',
      (call) => (call.tool === 'ask_question' ? '{"answers":{"answer":"red"},"message":"of course"}' : 'ok'),
    )
    expect(calls.map(({ tool, input }) => [tool, input])).toEqual([
      ['ask_question', { question: 'Which color?', options: ['red', 'blue'], default: 'blue', expires_in_seconds: 60 }],
      ['write_file', { path: 'red.txt', content: 'it is red' }],
    ])
    expect(answer).toBe(
      '"Which color?" was answered: red\nWith it came: of course\nWrote 3 words to red.txt.\nred it is',
    )
  })

  test('asks several prompts in one step, each a call of its own, and several questions in one prompt', async () => {
    const { calls, texts, answer } = await converse('ask: Who? and: When? [now|later] and ask: Why?', (call) =>
      call.id.endsWith('_2')
        ? new Error('Nobody answered in time.')
        : '{"answers":{"answer_1":"Ann","answer_2":"now"}}',
    )
    expect(calls).toEqual([
      {
        id: 'call_1',
        tool: 'ask_question',
        input: {
          questions: [
            { id: 'answer_1', question: 'Who?' },
            { id: 'answer_2', question: 'When?', options: ['now', 'later'] },
          ],
        },
      },
      { id: 'call_1_2', tool: 'ask_question', input: { question: 'Why?' } },
    ])
    expect(texts).toHaveLength(2)
    expect(answer).toBe(
      '"Who?" was answered: Ann\n"When?" was answered: now\nAsking "Why?" brought no answer: Nobody answered in time.',
    )
  })

  test('does not ask where it is not offered, and says so', async () => {
    const tools = modelCall([]).tools.filter((tool) => tool.name !== 'ask_question')
    const { calls, answer } = await converse('ask: Which color? then say on it goes', () => '', { tools })
    expect(calls).toEqual([])
    expect(answer).toBe('Asking was not possible: this task does not allow the agent to ask.\non it goes')
  })

  test('shows a result that the guard withheld, and goes on without an answer', async () => {
    const { answer } = await converse('ask: Who? then say it is {answer}', () => 'The result was withheld.')
    expect(answer).toBe('Asking "Who?" brought no answer: The result was withheld.\nit is nothing')
  })

  test('follows only the latest user message', async () => {
    const { messages } = await converse('read a', () => 'x')
    const next: ConversationMessage[] = [...messages, { role: 'user', text: 'read b' }]
    const { response } = await collect(demo().stream(modelCall(next)))
    expect(response.toolCalls).toEqual([{ id: 'call_5', tool: 'read_file', input: { path: 'b' } }])
  })

  test('explains itself when it is asked anything else', async () => {
    const { response } = await ask('What is the capital of France?')
    expect(response.text).toContain('demonstration model')
    expect(response.text).toContain('What is the capital of France?')
    expect(response.text).toContain('count the words in <file>')
    expect(response.text).toContain('ANTHROPIC_API_KEY')
  })

  test('stops at the limit of output tokens', async () => {
    const { response } = await ask('say a in 10 tokens then list the files', { outputTokensMax: 4 })
    expect(response).toMatchObject({ text: 'a a a a', finish: 'length', toolCalls: [] })
  })

  test('answers any text, and the same to the same', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string().map((rest) => `say ${rest}`),
      fc
        .array(
          fc.constantFrom(
            'say',
            'then',
            'list the files',
            'read',
            'to',
            'write',
            'in 3 tokens',
            'ask: q [a|b]',
            'and ask: p',
            'x',
          ),
        )
        .map((list) => list.join(' ')),
    )
    await fc.assert(
      fc.asyncProperty(text, async (asked) => {
        const first = await converse(asked, () => 'ok')
        expect(first.answer).not.toBe('')
        expect(await converse(asked, () => 'ok')).toEqual(first)
      }),
    )
  })
})
