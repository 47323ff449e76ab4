import type { UIMessage } from 'ai'
import { afterEach, describe, expect, test } from 'vitest'
import { createFakeClock } from '../../../src/clock/fake/create-fake-clock.ts'
import type { JsonObject, JsonValue } from '../../../src/domain/json.ts'
import { createRestartableStore } from '../../support/restartable-store.ts'
import { createScriptedModels, type ScriptedStep } from '../../support/scripted-models.ts'
import { chunksOf, type Neo, openNeo } from './open-neo.ts'

let neo: Neo
afterEach(() => neo.world.close())

const asks = (input: JsonValue) => ({ tool: 'ask_question', input })
const color: JsonObject = { question: 'Which color?', options: ['red', 'blue'] }
const asksOnce: readonly ScriptedStep[] = [{ text: 'I ask', calls: [asks(color)] }, { text: 'Thank you.' }]

async function open(steps = asksOnce, over: Parameters<typeof openNeo>[0] = {}) {
  const models = createScriptedModels(steps)
  neo = await openNeo({ models, ...over })
  return { ...neo, models }
}

type Chunk = ReturnType<typeof chunksOf>[number]
const callsIn = (chunks: readonly Chunk[]) =>
  chunks.filter(({ type }) => type === 'tool-input-available').map(({ toolCallId }) => String(toolCallId))

/** Starts a task that asks, and reads its stream until it waits. */
async function asked(task = 'paint the wall', body: object = {}) {
  const answer = await neo.create({ task, ask_question: true, ...body })
  expect(answer.statusCode, answer.body).toBe(200)
  const chunks = chunksOf(answer.body)
  const start = chunks[0] as Chunk & { messageId: string; messageMetadata: { task_id: string } }
  return { id: start.messageMetadata.task_id, messageId: start.messageId, chunks, calls: callsIn(chunks) }
}

type Asked = Awaited<ReturnType<typeof asked>>

/** What the AI SDK's transport sends once the calls of the agent's message are settled. */
const settledBody = ({ id, messageId, calls }: Asked, parts: readonly object[]) => ({
  id,
  trigger: 'submit-message',
  messageId,
  messages: [
    { id: 'm1', role: 'user', parts: [{ type: 'text', text: 'something else entirely' }] },
    {
      id: messageId,
      role: 'assistant',
      parts: [
        { type: 'step-start' },
        { type: 'text', text: 'I said something else', state: 'done' },
        ...parts.map((part, at) => ({
          type: 'dynamic-tool',
          toolName: 'ask_question',
          toolCallId: calls[at],
          ...part,
        })),
      ],
    },
  ],
})
const answered = (output: JsonValue) => ({ state: 'output-available', input: {}, output })

const approve = (id: string, body: object, by = neo.caller) =>
  neo.world.app.inject({ method: 'POST', url: `/api/v1/tasks/${id}/approve`, headers: by.headers, payload: body })
const choose = (answer: JsonValue) => ({ decision: 'approve', metadata: { answers: [answer] } })
const kindsOf = async (id: string) => (await neo.world.readEvents(id)).map(({ type }) => type)
const toldTo = (models: ReturnType<typeof createScriptedModels>) => models.calls.at(-1)?.messages.at(-1)

describe('a question', () => {
  test('suspends the run and ends its stream as a call that the client is to answer', async () => {
    const { read, models } = await open()
    const { id, chunks, calls } = await asked()
    expect(models.calls[0]?.tools.map(({ name }) => name)).toContain('ask_question')
    expect(calls).toHaveLength(1)
    expect(chunks.slice(-4)).toEqual([
      { type: 'tool-input-available', toolCallId: calls[0], toolName: 'ask_question', dynamic: true, input: color },
      { type: 'message-metadata', messageMetadata: { status: 'suspended' } },
      { type: 'finish-step' },
      { type: 'finish', finishReason: 'tool-calls', messageMetadata: { status: 'suspended' } },
    ])
    const { task, messages } = await read(id)
    expect(task.status).toBe('suspended')
    expect(messages.at(-1).parts.at(-1)).toMatchObject({ toolName: 'ask_question', state: 'input-available' })
  })

  test.each([{}, { ask_question: false }])('is not offered, nor spoken of, with %j', async (body) => {
    const { submit, ended, models } = await open([{ text: 'done' }])
    await ended((await submit({ task: 'x', ...body })).id)
    expect(models.calls[0]?.tools.map(({ name }) => name)).not.toContain('ask_question')
    expect(JSON.stringify(models.calls[0])).not.toContain('ask')
  })

  test('is asked only by the runs whose own request allows it', async () => {
    const { submit, ended, models } = await open([{ text: 'done' }])
    const { id } = await submit({ task: 'x', ask_question: true })
    await ended(id)
    await submit({ id, task: 'y' })
    await ended(id)
    const offered = models.calls.map(({ tools }) => tools.some(({ name }) => name === 'ask_question'))
    expect(offered).toEqual([true, false])
  })

  test('is shown again by a stream that is taken up while the run waits, and ends it the same way', async () => {
    const { get } = await open()
    const { id, chunks, messageId } = await asked()
    for (const path of ['stream', `streams/${messageId}`]) {
      expect(chunksOf((await get(`/api/v1/tasks/${id}/${path}`)).body)).toEqual(chunks)
    }
  })

  test('is still open beside a message that came meanwhile, whose stream ends at once', async () => {
    const { create, read } = await open()
    const { id } = await asked()
    const answer = await create({ id, task: 'and hurry' })
    expect(chunksOf(answer.body).map(({ type }) => type)).toEqual(['start', 'finish'])
    expect((await read(id)).task.status).toBe('suspended')
  })

  test('that was answered does not end a stream that is read later', async () => {
    const { get, ended } = await open()
    const { id, messageId } = await asked()
    await approve(id, choose('blue'))
    await ended(id)
    const chunks = chunksOf((await get(`/api/v1/tasks/${id}/streams/${messageId}`)).body)
    expect(chunks.filter(({ type }) => type === 'finish')).toMatchObject([{ finishReason: 'stop' }])
    expect(chunks.filter(({ type }) => type === 'tool-output-available')).toHaveLength(1)
  })
})

describe('an answer in the message', () => {
  test('settles the question, and the stream goes on with the same message', async () => {
    const { create, read, models } = await open()
    const question = await asked()
    const answer = await create(settledBody(question, [answered({ answers: ['blue'] })]))
    expect(answer.statusCode, answer.body).toBe(200)
    const chunks = chunksOf(answer.body)
    expect(chunks[0]).toMatchObject({ type: 'start', messageId: question.messageId })
    expect(chunks.filter(({ type }) => type === 'start')).toHaveLength(1)
    expect(callsIn(chunks)).toEqual([])
    expect(chunks.filter(({ type }) => type.startsWith('tool-'))).toEqual([
      { type: 'tool-output-available', toolCallId: question.calls[0], output: '{"answers":{"answer":"blue"}}' },
    ])
    expect(chunks.at(-1)).toMatchObject({ type: 'finish', finishReason: 'stop' })
    expect(toldTo(models)).toMatchObject({ role: 'tool', failed: false, output: '{"answers":{"answer":"blue"}}' })
    const { messages, task } = await read(question.id)
    expect(task.status).toBe('completed')
    expect(messages.map(({ role, id }: UIMessage) => (role === 'assistant' ? id : role))).toEqual([
      'user',
      question.messageId,
    ])
    expect(JSON.stringify(models.calls)).not.toContain('something else')
  })

  test('that is an error declines, and the agent is told why', async () => {
    const { create, models } = await open()
    const question = await asked()
    const part = { state: 'output-error', input: {}, errorText: 'I do not care.' }
    const chunks = chunksOf((await create(settledBody(question, [part]))).body)
    expect(chunks.find(({ type }) => type === 'tool-output-error')).toMatchObject({
      errorText: 'The person declined to answer. They said: I do not care.',
    })
    expect(toldTo(models)).toMatchObject({ failed: true })
  })

  test('settles what it answers of several questions, and ends again while another is open', async () => {
    const two = [asks({ question: 'First?' }), asks({ question: 'Second?' })]
    const { create, models } = await open([{ text: 'I ask', calls: two }, { text: 'done' }])
    const question = await asked()
    const open1 = { state: 'input-available', input: {} }
    const first = chunksOf((await create(settledBody(question, [open1, answered('two')]))).body)
    expect(first[0]).toMatchObject({ type: 'start', messageId: question.messageId })
    expect(first.at(-1)).toMatchObject({ type: 'finish', finishReason: 'tool-calls' })
    const second = chunksOf((await create(settledBody(question, [answered('one'), answered('two')]))).body)
    expect(second.filter(({ type }) => type === 'tool-output-available').map(({ output }) => output)).toEqual([
      '{"answers":{"answer":"one"}}',
      '{"answers":{"answer":"two"}}',
    ])
    expect(second.at(-1)).toMatchObject({ finishReason: 'stop' })
    expect(models.calls).toHaveLength(2)
  })

  test('may be asked for as JSON too', async () => {
    const { create, ended } = await open()
    const question = await asked()
    const answer = await create({ ...settledBody(question, [answered(['red'])]), response_format: 'json' })
    expect([answer.statusCode, answer.json()]).toMatchObject([202, { id: question.id, stream_id: question.messageId }])
    expect((await ended(question.id)).task.status).toBe('completed')
  })

  test('that does not fit is refused, and the question stays open', async () => {
    const { create, read } = await open()
    const question = await asked()
    for (const part of [answered({ answers: ['green'] }), answered(null), answered(['red', 'blue'])]) {
      const answer = await create(settledBody(question, [part]))
      expect([answer.statusCode, answer.json().code], answer.body).toEqual([400, 'validation_error'])
    }
    const approval = { state: 'approval-responded', input: {}, approval: { id: 'x', approved: true } }
    expect((await create(settledBody(question, [approval]))).statusCode).toBe(400)
    expect((await read(question.id)).task.status).toBe('suspended')
  })

  test('to what was settled meanwhile changes nothing, and the stream goes on with what counts', async () => {
    const { create, ended, models } = await open()
    const question = await asked()
    await approve(question.id, choose('blue'))
    await ended(question.id)
    const chunks = chunksOf((await create(settledBody(question, [answered(['red'])]))).body)
    expect(chunks[0]).toMatchObject({ type: 'start', messageId: question.messageId })
    expect(chunks.find(({ type }) => type === 'tool-output-available')).toMatchObject({
      output: '{"answers":{"answer":"blue"}}',
    })
    expect(chunks.at(-1)).toMatchObject({ finishReason: 'stop' })
    expect((await kindsOf(question.id)).filter((kind) => kind === 'prompt.answered')).toHaveLength(1)
    expect(models.calls).toHaveLength(2)
  })

  test('of a client that holds the end of the run is refused, so that it does not ask for ever', async () => {
    const { create, world } = await open()
    const question = await asked()
    await world.call('POST', `/v1/tasks/${question.id}/cancel`, {})
    const body = settledBody(question, [answered(['red'])])
    const chunks = chunksOf((await create(body)).body)
    expect(chunks.at(-1)).toMatchObject({ type: 'abort' })
    const messages = body.messages.map((message) => ({ ...message, metadata: { status: 'aborted' } }))
    const again = await create({ ...body, messages })
    expect([again.statusCode, again.json().code]).toEqual([409, 'task_ended'])
  })

  test('to calls that asked nobody is refused, and begins no run', async () => {
    const { create, ended, submit } = await open([{ text: 'done' }])
    const { id, stream_id } = await submit({ task: 'x' })
    await ended(id)
    const answer = await create(settledBody({ id, messageId: stream_id, chunks: [], calls: ['c1'] }, [answered('x')]))
    expect([answer.statusCode, answer.json().code]).toEqual([409, 'no_open_question'])
    expect((await kindsOf(id)).filter((kind) => kind === 'run.queued')).toHaveLength(1)
  })

  test("to somebody else's question finds no task", async () => {
    const { create, world, read } = await open()
    const question = await asked()
    const stranger = await world.addCaller('operator', { dialect: 'neo' })
    const answer = await create(settledBody(question, [answered(['red'])]), {}, stranger)
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'task_not_found'])
    expect((await read(question.id)).task.status).toBe('suspended')
  })

  test('that is sent again under its Idempotency-Key is streamed again', async () => {
    const { create } = await open()
    const question = await asked()
    const body = settledBody(question, [answered(['red'])])
    const headers = { 'idempotency-key': 'once' }
    const first = await create(body, headers)
    const again = await create(body, headers)
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect(chunksOf(again.body).filter(({ type }) => type !== 'message-metadata')).toEqual(
      chunksOf(first.body).filter(({ type }) => type !== 'message-metadata'),
    )
  })
})

describe('approve', () => {
  test('answers the question, and the run goes on', async () => {
    const { ended, models } = await open()
    const { id, messageId } = await asked()
    const answer = await approve(id, choose('blue'))
    expect([answer.statusCode, answer.json()]).toEqual([200, { success: true, stream_id: messageId }])
    expect((await ended(id)).task.status).toBe('completed')
    expect(toldTo(models)).toMatchObject({ output: '{"answers":{"answer":"blue"}}' })
  })

  test.each([{ answer: 'red' }, { answers: 'red' }, { answers: ['red'] }, { answers: { answer: 'red' } }])(
    'takes the answers %j, and a message beside them',
    async (metadata) => {
      const { ended, models } = await open()
      const { id, calls, messageId } = await asked()
      const body = { decision: 'approve', tool_call_id: calls[0], run_id: messageId }
      const answer = await approve(id, { ...body, metadata: { ...metadata, message: 'quickly' } })
      expect(answer.statusCode, answer.body).toBe(200)
      await ended(id)
      expect(toldTo(models)).toMatchObject({ output: '{"answers":{"answer":"red"},"message":"quickly"}' })
    },
  )

  test('declines with a reason', async () => {
    const { ended, models } = await open()
    const { id } = await asked()
    const answer = await approve(id, { decision: 'decline', metadata: { message: 'Guess.' } })
    expect(answer.statusCode, answer.body).toBe(200)
    await ended(id)
    expect(toldTo(models)).toMatchObject({
      failed: true,
      output: 'The person declined to answer. They said: Guess.',
    })
  })

  test('counts once: a second decision is 409 with how it was settled, and of many at once one wins', async () => {
    await open()
    const { id, calls } = await asked()
    const bodies = ['red', 'blue', 'red'].map((word) => ({ ...choose(word), tool_call_id: calls[0] }))
    const tries = await Promise.all(bodies.map((body) => approve(id, body)))
    expect(tries.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409, 409])
    const late = await approve(id, { decision: 'decline', tool_call_id: calls[0] })
    expect([late.statusCode, late.json()]).toMatchObject([
      409,
      { code: 'prompt_settled', settled: { state: 'answered', outcome: 'answered' } },
    ])
    expect((await kindsOf(id)).filter((kind) => kind === 'prompt.answered')).toHaveLength(1)
  })

  test('is told where nothing is open, where several are, and where the call is none', async () => {
    const two = [asks({ question: 'First?' }), asks({ question: 'Second?' })]
    const { submit, ended } = await open([{ text: 'I ask', calls: two }, { text: 'done' }])
    const { id, calls } = await asked()
    const told = async (task: string, body: object) => {
      const answer = await approve(task, { decision: 'approve', ...body })
      return [answer.statusCode, answer.json().code]
    }
    expect(await told(id, { metadata: { answers: 'x' } })).toEqual([400, 'validation_error'])
    expect(await told(id, { tool_call_id: 'nonsense' })).toEqual([404, 'prompt_not_found'])
    expect(await told(id, { tool_call_id: calls[0], run_id: 'another' })).toEqual([404, 'prompt_not_found'])
    expect(await told(id, { tool_call_id: calls[0], agent_id: 'another' })).toEqual([400, 'validation_error'])
    expect(await told(id, { tool_call_id: calls[0] })).toEqual([400, 'validation_error'])
    for (const tool_call_id of calls) {
      expect((await approve(id, { ...choose('x'), tool_call_id })).statusCode).toBe(200)
    }
    const other = await submit({ task: 'y' })
    await ended(other.id)
    expect(await told(other.id, {})).toEqual([409, 'no_open_question'])
    expect(await told('nonsense', {})).toEqual([404, 'task_not_found'])
  })

  test('is for who may answer: others find no task, and readers are told so', async () => {
    const { world, read } = await open()
    const { id } = await asked()
    const stranger = await world.addCaller('operator', { dialect: 'neo' })
    const auditor = await world.addCaller('auditor', { dialect: 'neo' })
    const statuses = [stranger, auditor].map(async (by) => (await approve(id, choose('red'), by)).statusCode)
    expect(await Promise.all(statuses)).toEqual([404, 403])
    expect((await read(id)).task.status).toBe('suspended')
  })

  test('comes too late once the time is over, and the run goes on without an answer', async () => {
    const clock = createFakeClock()
    const calls = [asks({ ...color, expires_in_seconds: 60 })]
    const { journaled, read, submit, models } = await open([{ text: 'I ask', calls }, { text: 'done' }], { clock })
    const { id } = await submit({ task: 'x', ask_question: true })
    await journaled(id, 'run.waiting')
    clock.advance(60_000)
    const answer = await approve(id, choose('red'))
    expect([answer.statusCode, answer.json()]).toMatchObject([409, { settled: { state: 'expired', outcome: null } }])
    await journaled(id, 'run.succeeded')
    expect(toldTo(models)).toMatchObject({ failed: true, output: 'Nobody answered in time.' })
    expect((await read(id)).messages.at(-1).parts).toContainEqual(
      expect.objectContaining({
        toolName: 'ask_question',
        state: 'output-error',
        errorText: 'Nobody answered in time.',
      }),
    )
  })
})

test('a question that was asked before a restart is answered after it', async () => {
  const restartable = createRestartableStore()
  const first = await open(asksOnce, { wrapStore: restartable.before })
  const question = await asked()
  await first.world.close()
  const models = createScriptedModels([{ text: 'Thank you.' }])
  neo = await openNeo({ models, wrapStore: restartable.after })
  const caller = await neo.world.addCaller('operator', { dialect: 'neo', userId: first.caller.user.id })
  const answer = await neo.create(settledBody(question, [answered(['blue'])]), {}, caller)
  expect(answer.statusCode, answer.body).toBe(200)
  const chunks = chunksOf(answer.body)
  expect(chunks[0]).toMatchObject({ type: 'start', messageId: question.messageId })
  expect(chunks.at(-1)).toMatchObject({ finishReason: 'stop' })
  expect(toldTo(models)).toMatchObject({ output: '{"answers":{"answer":"blue"}}' })
})
