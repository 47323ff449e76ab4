import { DefaultChatTransport, lastAssistantMessageIsCompleteWithToolCalls, type UIMessage } from 'ai'
import { afterEach, expect, test } from 'vitest'
import { AiChat } from '../../support/ai-chat.ts'
import { createScriptedModels } from '../../support/scripted-models.ts'
import { until } from '../../support/until.ts'
import { type Neo, openNeo } from './open-neo.ts'

let neo: Neo
afterEach(() => neo.world.close())

const question = { question: 'Which color?', options: ['red', 'blue'] }

test('the chat of useChat answers a question: two requests, and one message of the agent', async () => {
  const models = createScriptedModels([
    { text: 'I ask', calls: [{ tool: 'ask_question', input: question }] },
    { text: 'Thank you.' },
  ])
  neo = await openNeo({ models })
  const { world, caller, read } = neo
  const address = await world.listen()
  let requests = 0
  const chat = new AiChat({
    id: '11111111-2222-4333-8444-555555555555',
    transport: new DefaultChatTransport<UIMessage>({
      api: `${address}/api/v1/tasks`,
      headers: caller.headers,
      body: { ask_question: true },
      fetch: (...request) => {
        requests += 1
        return fetch(...request)
      },
    }),
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
  })
  await chat.sendMessage({ text: 'paint the wall' })
  expect([chat.status, chat.error]).toEqual(['ready', undefined])
  const part = chat.lastMessage?.parts.at(-1)
  if (part?.type !== 'dynamic-tool') throw new Error('There is no question.')
  expect(part).toMatchObject({ toolName: 'ask_question', state: 'input-available', input: question })

  await chat.addToolOutput({
    tool: 'ask_question',
    toolCallId: part.toolCallId,
    output: { answers: ['blue'] },
  } as never)
  await until('the chat to have its answer', async () => chat.status === 'ready' && requests === 2)
  expect(chat.error).toBeUndefined()
  expect(chat.messages.map(({ role }) => role)).toEqual(['user', 'assistant'])
  expect(chat.lastMessage?.parts.at(-1)).toMatchObject({ type: 'text', text: 'Thank you.' })
  expect(JSON.parse(JSON.stringify(chat.lastMessage))).toEqual((await read(chat.id)).messages.at(-1))
  expect(models.calls.at(-1)?.messages.at(-1)).toMatchObject({ output: '{"answers":{"answer":"blue"}}' })
  expect(requests).toBe(2)
})
