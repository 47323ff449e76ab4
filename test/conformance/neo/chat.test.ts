import { DefaultChatTransport, lastAssistantMessageIsCompleteWithToolCalls, type UIMessage } from 'ai'
import { afterEach, expect, test } from 'vitest'
import { AiChat } from '../../support/ai-chat.ts'
import { createScriptedModels } from '../../support/scripted-models.ts'
import { until } from '../../support/until.ts'
import { type Neo, openNeo } from './open-neo.ts'

let neo: Neo
afterEach(() => neo.world.close())

const question = { question: 'Which color?', options: ['red', 'blue'] }

/** A chat with the server's own address, which counts its requests. */
async function openChat(init: { id?: string } = {}) {
  const address = await neo.world.listen()
  const counted = { requests: 0 }
  const chat = new AiChat({
    ...init,
    transport: new DefaultChatTransport<UIMessage>({
      api: `${address}/api/v1/tasks`,
      headers: neo.caller.headers,
      body: { ask_question: true },
      fetch: (...request) => {
        counted.requests += 1
        return fetch(...request)
      },
    }),
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
  })
  /** Answers the question that is open, and resolves when the agent has gone on. */
  const answer = async (output: object) => {
    const part = chat.lastMessage?.parts.at(-1)
    if (part?.type !== 'dynamic-tool') throw new Error('There is no question.')
    expect(part).toMatchObject({ toolName: 'ask_question', state: 'input-available', input: question })
    const before = counted.requests
    await chat.addToolOutput({ tool: 'ask_question', toolCallId: part.toolCallId, output } as never)
    await until('the chat to go on', async () => chat.status === 'ready' && counted.requests === before + 1)
    expect(chat.error).toBeUndefined()
  }
  return { chat, counted, answer }
}

test('the chat of useChat answers a question: two requests, and one message of the agent', async () => {
  const models = createScriptedModels([
    { text: 'I ask', calls: [{ tool: 'ask_question', input: question }] },
    { text: 'Thank you.' },
  ])
  neo = await openNeo({ models })
  const { chat, counted, answer } = await openChat({ id: '11111111-2222-4333-8444-555555555555' })
  await chat.sendMessage({ text: 'paint the wall' })
  expect([chat.status, chat.error]).toEqual(['ready', undefined])
  await answer({ answers: ['blue'] })
  expect(chat.messages.map(({ role }) => role)).toEqual(['user', 'assistant'])
  expect(chat.lastMessage?.parts.at(-1)).toMatchObject({ type: 'text', text: 'Thank you.' })
  expect(JSON.parse(JSON.stringify(chat.lastMessage))).toEqual((await neo.read(chat.id)).messages.at(-1))
  expect(models.calls.at(-1)?.messages.at(-1)).toMatchObject({ output: '{"answers":{"answer":"blue"}}' })
  expect(counted.requests).toBe(2)
})

test('a chat with the id that useChat gives it is one task: it is answered, continued, repeated and taken up', async () => {
  const models = createScriptedModels([
    { text: 'I ask', calls: [{ tool: 'ask_question', input: question }] },
    { text: 'Thank you.' },
    { text: 'Done.' },
    { text: 'Done again.' },
  ])
  neo = await openNeo({ models })
  const { chat, answer } = await openChat()
  await chat.sendMessage({ text: 'paint the wall' })
  await answer({ answers: ['red'] })
  await chat.sendMessage({ text: 'and the door' })
  expect(chat.lastMessage?.parts.at(-1)).toMatchObject({ text: 'Done.' })
  await chat.regenerate()
  expect([chat.status, chat.error]).toEqual(['ready', undefined])
  expect(chat.lastMessage?.parts.at(-1)).toMatchObject({ text: 'Done again.' })
  await chat.resumeStream()
  expect([chat.status, chat.error]).toEqual(['ready', undefined])
  const { tasks } = (await neo.get('/api/v1/tasks')).json()
  expect(tasks).toHaveLength(1)
  const { task, messages } = await neo.read(chat.id)
  expect(task.id).toBe(tasks[0].id)
  expect(messages.filter(({ role }: UIMessage) => role === 'assistant')).toHaveLength(3)
  expect(models.calls.at(-1)?.messages.at(-1)).toEqual({ role: 'user', text: 'and the door' })
})

test("the same id in another user's client is another chat, and an id without a chat stays invalid", async () => {
  neo = await openNeo({ models: createScriptedModels([{ text: 'ok' }]) })
  const other = await neo.world.addCaller('operator', { dialect: 'neo' })
  const body = { id: 'my-chat', messages: [{ role: 'user', parts: [{ type: 'text', text: 'hello' }] }] }
  const mine = await neo.submit(body)
  await neo.ended(mine.id)
  expect((await neo.submit(body)).id).toBe(mine.id)
  expect((await neo.submit(body, other)).id).not.toBe(mine.id)
  expect((await neo.submit({ id: 'my-chat', task: 'hello' })).id).not.toBe(mine.id)
  expect((await neo.get('/api/v1/tasks/My-Chat')).statusCode).toBe(404)
})
