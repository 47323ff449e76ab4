import { DefaultChatTransport, readUIMessageStream, type UIMessage, type UIMessageChunk } from 'ai'
import { afterEach, describe, expect, test } from 'vitest'
import { createScriptedModels } from '../../support/scripted-models.ts'
import { chunksOf, type Neo, openNeo } from './open-neo.ts'

let neo: Neo
const open = async (options?: Parameters<typeof openNeo>[0]) => {
  neo = await openNeo(options)
  const address = await neo.world.listen()
  const transport = new DefaultChatTransport<UIMessage>({
    api: `${address}/api/v1/tasks`,
    headers: neo.caller.headers,
  })
  return { ...neo, address, transport }
}
afterEach(() => neo.world.close())

const chatId = '11111111-2222-4333-8444-555555555555'
const said = (text: string): UIMessage => ({ id: 'm1', role: 'user', parts: [{ type: 'text', text }] })
const send = (transport: DefaultChatTransport<UIMessage>, messages: UIMessage[], body: object = {}) =>
  transport.sendMessages({
    chatId,
    messages,
    body,
    trigger: 'submit-message',
    messageId: undefined,
    abortSignal: undefined,
  })

/** Reads a stream to its end with the SDK's own reader: the message, and the errors it was told of. */
async function readAll(stream: ReadableStream<UIMessageChunk>) {
  const errors: string[] = []
  let message: UIMessage | undefined
  for await (const next of readUIMessageStream({ stream, onError: (error) => errors.push(String(error)) }))
    message = next
  return { message: JSON.parse(JSON.stringify(message)) as UIMessage, errors }
}

/** A model that waits in its first call. */
function heldModel(text = 'Hello there') {
  const asked = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const before = () => {
    asked.resolve()
    return released.promise
  }
  return {
    models: createScriptedModels([{ text, reasoning: '', before }]),
    asked: asked.promise,
    release: released.resolve,
  }
}

describe('the AI SDK', () => {
  test('sends a chat and builds the message that the task then shows', async () => {
    const { transport, read } = await open()
    const words = 'write one two to a.txt then read missing.txt then say all done'
    const { message, errors } = await readAll(await send(transport, [said(words)]))
    expect(errors).toEqual([])
    const thread = await read(chatId)
    expect(thread.messages).toHaveLength(2)
    expect(thread.messages[0]).toMatchObject({ id: 'm1', role: 'user' })
    expect(message).toEqual(thread.messages[1])
    expect(message.parts.map(({ type }) => type)).toEqual([
      'step-start',
      'dynamic-tool',
      'step-start',
      'dynamic-tool',
      'step-start',
      'text',
    ])
    expect(message.parts[1]).toMatchObject({ toolName: 'write_file', state: 'output-available' })
    expect(message.parts[3]).toMatchObject({ toolName: 'read_file', state: 'output-error' })
  })

  test('goes on with the chat under its id', async () => {
    const { transport, read } = await open()
    const first = await readAll(await send(transport, [said('say one')]))
    const chat = [said('say one'), first.message, { ...said('say two'), id: 'm2' }]
    const second = await readAll(await send(transport, chat, { mode: 'chat' }))
    expect(second.message.parts.at(-1)).toMatchObject({ type: 'text', text: 'two' })
    const thread = await read(chatId)
    expect(thread.messages.map(({ role }: UIMessage) => role)).toEqual(['user', 'assistant', 'user', 'assistant'])
    expect(thread.stream.run_config.mode).toBe('chat')
  })

  test('builds reasoning and text from the pieces as they come', async () => {
    const { transport } = await open({ models: createScriptedModels([{ text: 'Hello', reasoning: 'Be kind.' }]) })
    const { message } = await readAll(await send(transport, [said('greet')]))
    expect(message.parts.filter(({ type }) => type !== 'step-start')).toEqual(
      expect.arrayContaining([
        { type: 'reasoning', id: '1.1.reasoning', text: 'Be kind.', state: 'done' },
        { type: 'text', text: 'Hello', state: 'done' },
      ]),
    )
  })

  test('is told of the error that ended a run, and of nothing inside the server', async () => {
    const { transport } = await open()
    const { message, errors } = await readAll(await send(transport, [said('fail the printer is on fire')]))
    expect(errors).toEqual([expect.stringContaining('the printer is on fire')])
    expect(message.metadata).toMatchObject({ status: 'failed' })
  })

  test('takes up a run under way from its beginning, and finds nothing to take up after its end', async () => {
    const { models, asked, release } = heldModel()
    const { transport } = await open({ models })
    const reader = (await send(transport, [said('greet')])).getReader()
    await reader.read()
    await asked
    await reader.cancel()
    const again = await transport.reconnectToStream({ chatId })
    expect(again).not.toBeNull()
    release()
    const { message, errors } = await readAll(again ?? new ReadableStream())
    expect(errors).toEqual([])
    expect(message.parts).toEqual([{ type: 'step-start' }, { type: 'text', text: 'Hello there', state: 'done' }])
    expect(await transport.reconnectToStream({ chatId })).toBeNull()
  })

  test('is told when a run was cancelled', async () => {
    const { models, asked } = heldModel()
    const { transport, world, caller } = await open({ models })
    const reading = readAll(await send(transport, [said('greet')]))
    await asked
    await world.call('POST', `/mandate/v1/tasks/${chatId}/cancel`, {}, caller)
    const { message, errors } = await reading
    expect(errors).toEqual([])
    expect(message.metadata).toMatchObject({ status: 'aborted' })
  })
})

describe('a stream', () => {
  test('that is read twice while the run goes on says the same both times', async () => {
    const { submit, address, caller } = await open()
    const { id, stream_url } = await submit({ task: 'say one two three four five slowly' })
    const bodies = await Promise.all(
      [stream_url, `${address}/api/v1/tasks/${id}/stream`].map(async (url) =>
        (await fetch(url, { headers: caller.headers })).text(),
      ),
    )
    const told = bodies.map((body) => {
      const chunks = chunksOf(body)
      const text = chunks.map(({ type, delta }) => (type === 'text-delta' ? delta : '')).join('')
      return { text, first: chunks[0], types: new Set(chunks.map(({ type }) => type)) }
    })
    expect(told[0]).toEqual(told[1])
    expect(told[0]?.text).toBe('one two three four five')
  })

  test('brings the text while the model still speaks', async () => {
    const { models, asked, release } = heldModel('Early words')
    const { address, caller } = await open({ models })
    const response = await fetch(`${address}/api/v1/tasks`, {
      method: 'POST',
      headers: { ...caller.headers, 'content-type': 'application/json' },
      body: JSON.stringify({ task: 'greet' }),
    })
    await asked
    let body = ''
    const decoder = new TextDecoder()
    const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader()
    while (!body.includes('Early words')) body += decoder.decode((await reader.read()).value)
    expect(body).not.toContain('text-end')
    release()
    for (let next = await reader.read(); !next.done; next = await reader.read()) body += decoder.decode(next.value)
    expect(chunksOf(body).at(-1)).toMatchObject({ type: 'finish' })
    expect(body.match(/Early words/gu)).toHaveLength(1)
  })

  test('of an earlier run is read again by its own address, and holds nothing of the later ones', async () => {
    const { submit, ended, get } = await open()
    const first = await submit({ task: 'say one' })
    await ended(first.id)
    const second = await submit({ task: 'say two', id: first.id })
    await ended(first.id)
    const told = async ({ stream_url }: { stream_url: string }) => {
      const chunks = chunksOf((await get(new URL(stream_url).pathname)).body)
      return chunks.flatMap(({ type, delta, messageId }) =>
        type === 'text-delta' ? [delta] : messageId ? [messageId] : [],
      )
    }
    expect(await told(first)).toEqual([first.stream_id, 'one'])
    expect(await told(second)).toEqual([second.stream_id, 'two'])
  })

  test('ends with its run, also when the next run is under way already', async () => {
    const { models, asked, release } = heldModel()
    const steps = createScriptedModels([{ text: 'one' }])
    let calls = 0
    const mixed = {
      ...models,
      stream: (call: Parameters<typeof models.stream>[0]) => (calls++ === 0 ? steps : models).stream(call),
    }
    const { submit, ended, get } = await open({ models: mixed })
    const first = await submit({ task: 'x' })
    await ended(first.id)
    await submit({ task: 'y', id: first.id })
    await asked
    const { body } = await get(new URL(first.stream_url).pathname)
    expect(chunksOf(body).at(-1)).toMatchObject({ type: 'finish', finishReason: 'stop' })
    release()
  })

  test("that is absent, of another task, or somebody else's is not found: all the same", async () => {
    const { submit, get, world } = await open({ started: false })
    const mine = await submit({ task: 'x' })
    const other = await submit({ task: 'y' })
    const theirs = await submit({ task: 'z' }, await world.addCaller('operator', { dialect: 'neo' }))
    const paths = [
      `${mine.id}/streams/${other.stream_id}`,
      `${mine.id}/streams/nonsense`,
      `${theirs.id}/streams/${theirs.stream_id}`,
      `${theirs.id}/stream`,
      'nonsense/stream',
    ]
    const answers = await Promise.all(paths.map((path) => get(`/api/v1/tasks/${path}`)))
    for (const answer of answers) {
      expect(answer.statusCode).toBe(404)
      expect(answer.body).toBe(answers[0]?.body)
    }
  })

  test('is cut, and not ended, when the server stops; it is taken up again from its beginning', async () => {
    const { models, asked } = heldModel()
    const { address, caller, world } = await open({ models })
    const response = await fetch(`${address}/api/v1/tasks`, {
      method: 'POST',
      headers: { ...caller.headers, 'content-type': 'application/json' },
      body: JSON.stringify({ task: 'greet' }),
    })
    await asked
    const reading = response.text().catch(() => 'cut')
    await world.deps.dispatcher.stop(0)
    await world.app.close()
    expect(await reading).not.toContain('[DONE]')
  })
})
