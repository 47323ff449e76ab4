import { afterEach, describe, expect, test } from 'vitest'
import { createFakeClock } from '../../../src/clock/fake/create-fake-clock.ts'
import type { JsonObject, JsonValue } from '../../../src/domain/json.ts'
import type { Caller } from '../../support/create-world.ts'
import { createRestartableStore } from '../../support/restartable-store.ts'
import { createScriptedModels, type ScriptedStep } from '../../support/scripted-models.ts'
import { until } from '../../support/until.ts'
import { watchSocket } from '../../support/watch-socket.ts'
import { type AgentrixWorld, openAgentrix } from './open-agentrix.ts'

let world: AgentrixWorld
afterEach(() => world.close())

const asks = (input: JsonValue) => ({ tool: 'ask_question', input })
const color: JsonObject = { question: 'Which color?', options: ['red', 'blue'] }
const asksOnce: readonly ScriptedStep[] = [{ text: 'I ask', calls: [asks(color)] }, { text: 'Thank you.' }]

async function open(steps = asksOnce, over: Parameters<typeof openAgentrix>[0] = {}) {
  const models = createScriptedModels(steps)
  world = await openAgentrix({ models, ...over })
  return { ...world, models }
}

interface Event {
  readonly eventId: string
  readonly sequence: number
  readonly opCode?: string
  readonly eventData: { readonly message: { readonly type: string; readonly subtype?: string } }
}
const eventsOf = async (taskId: string, query = '?limit=100'): Promise<Event[]> =>
  (await world.call('GET', `/v1/tasks/${taskId}/events${query}`)).json().events.toReversed()
const ofType = (events: readonly Event[], type: string) =>
  events.filter(({ eventData }) => eventData.message.type === type)

/** Starts a task that asks, and answers once it waits, with the events of its questions. */
async function asked(over: object = {}) {
  const { taskId } = await world.start('paint the wall', { askUser: true, ...over })
  const questions = await until('the task to wait', async () => {
    const events = await eventsOf(taskId)
    return events.some(({ eventData }) => eventData.message.subtype === 'run_waiting') && ofType(events, 'ask_user')
  })
  return { taskId, questions, opCode: questions[0]?.eventId ?? '' }
}

const respond = (taskId: string, message: object, opCode?: string, by: Caller = world.caller) => {
  const body = { message: { type: 'ask_user_response', ...message }, ...(opCode !== undefined && { opCode }) }
  return world.callAs(by)('POST', `/v1/tasks/${taskId}/messages`, body)
}
const toldTo = (models: ReturnType<typeof createScriptedModels>) => models.calls.at(-1)?.messages.at(-1)

describe('a question', () => {
  test('is shown as ask_user, while the task is running and holds no worker', async () => {
    const { call, deps, models } = await open()
    const { taskId, questions } = await asked()
    expect(models.calls[0]?.tools.map(({ name }) => name)).toContain('ask_question')
    expect(questions.map(({ eventData }) => eventData.message)).toEqual([
      {
        type: 'ask_user',
        promptId: expect.any(String),
        tool_use_id: expect.any(String),
        expiresAt: null,
        questions: [
          {
            id: 'answer',
            question: 'Which color?',
            options: [{ label: 'red' }, { label: 'blue' }],
            multiSelect: false,
            default: null,
          },
        ],
      },
    ])
    expect(questions[0]).not.toHaveProperty('opCode')
    expect((await call('GET', `/v1/tasks/${taskId}`)).json().state).toBe('running')
    expect(await deps.store.readTask(taskId.replace('task-', ''))).toMatchObject({ state: 'waiting' })
  })

  test.each([{}, { askUser: false }, { askUser: null }])('is not offered, nor spoken of, with %j', async (over) => {
    const { start, reaches, models } = await open([{ text: 'done' }])
    const { taskId } = await start('x', over)
    await reaches(taskId, 'completed')
    expect(models.calls[0]?.tools.map(({ name }) => name)).not.toContain('ask_question')
    expect(JSON.stringify(models.calls[0])).not.toContain('ask')
  })
})

describe('an ask_user_response', () => {
  test('answers, and is shown under the opCode of its question', async () => {
    const { reaches, models } = await open()
    const { taskId, opCode } = await asked()
    const answer = await respond(taskId, { answers: ['blue'], status: 'answered', reason: 'user' }, opCode)
    expect([answer.statusCode, answer.json()], answer.body).toMatchObject([200, { taskId, state: 'pending' }])
    await reaches(taskId, 'completed')
    expect(toldTo(models)).toMatchObject({ role: 'tool', failed: false, output: '{"answers":{"answer":"blue"}}' })
    const [response] = ofType(await eventsOf(taskId), 'ask_user_response')
    expect(response).toMatchObject({
      opCode,
      eventData: { message: { type: 'ask_user_response', answers: ['blue'], status: 'answered', reason: 'user' } },
    })
    const alone = await eventsOf(taskId, `?after=${(response?.sequence ?? 0) - 1}&limit=100`)
    expect(alone[0]).toEqual(response)
  })

  test('needs no opCode where one question is open, and one where there are several', async () => {
    const two = [asks({ question: 'First?' }), asks({ question: 'Second?' })]
    const { reaches, models } = await open([{ text: 'I ask', calls: two }, { text: 'done' }])
    const { taskId, questions } = await asked()
    const unnamed = await respond(taskId, { answers: ['x'] })
    expect([unnamed.statusCode, unnamed.json()]).toMatchObject([409, { code: 'NO_OPEN_QUESTION' }])
    expect((await respond(taskId, { answers: ['two'] }, questions[1]?.eventId)).statusCode).toBe(200)
    expect((await respond(taskId, { answers: 'one' })).statusCode).toBe(200)
    await reaches(taskId, 'completed')
    const outputs = models.calls.at(-1)?.messages.flatMap((one) => (one.role === 'tool' ? [one.output] : []))
    expect(outputs).toEqual(['{"answers":{"answer":"one"}}', '{"answers":{"answer":"two"}}'])
    const none = await respond(taskId, { answers: ['x'] })
    expect([none.statusCode, none.json()]).toMatchObject([409, { code: 'NO_OPEN_QUESTION', error: 'conflict' }])
  })

  test.each([
    ['cancelled', 'The person declined to answer.'],
    ['timeout', 'The person declined to answer. They said: Nobody answered in time.'],
  ])('that is %s declines, and the agent is told', async (status, output) => {
    const { reaches, models } = await open()
    const { taskId, opCode } = await asked()
    expect((await respond(taskId, { status }, opCode)).statusCode).toBe(200)
    await reaches(taskId, 'completed')
    expect(toldTo(models)).toMatchObject({ failed: true, output })
    expect(ofType(await eventsOf(taskId), 'ask_user_response')).toMatchObject([
      { opCode, eventData: { message: { answers: [], status: 'cancelled', reason: 'user' } } },
    ])
  })

  test('counts once: a second one is 409 with how it was settled, and of many at once one wins', async () => {
    await open()
    const { taskId, opCode } = await asked()
    const tries = ['red', 'blue', 'red'].map((word) => respond(taskId, { answers: [word] }, opCode))
    const statuses = (await Promise.all(tries)).map(({ statusCode }) => statusCode)
    expect(statuses.sort()).toEqual([200, 409, 409])
    const late = await respond(taskId, { status: 'cancelled' }, opCode)
    expect([late.statusCode, late.json()]).toMatchObject([
      409,
      { code: 'PROMPT_SETTLED', error: 'conflict', settled: { status: 'answered' } },
    ])
    expect(ofType(await eventsOf(taskId), 'ask_user_response')).toHaveLength(1)
  })

  test('that does not fit, or names what is no question, changes nothing', async () => {
    await open()
    const { taskId, opCode, questions } = await asked()
    for (const message of [{}, { answers: ['green'] }, { answers: ['red', 'blue'] }, { status: 'perhaps' }]) {
      const answer = await respond(taskId, message, opCode)
      expect([answer.statusCode, answer.json().code], JSON.stringify(message)).toEqual([400, 'INVALID_REQUEST'])
    }
    const bare = taskId.replace('task-', '')
    for (const wrong of ['nonsense', `event-${bare}-0`, `event-${bare}-9999`, `event-${bare}-x`]) {
      const answer = await respond(taskId, { answers: ['red'] }, wrong)
      expect([answer.statusCode, answer.json().code], wrong).toEqual([404, 'PROMPT_NOT_FOUND'])
    }
    expect(ofType(await eventsOf(taskId), 'ask_user_response')).toEqual([])
    expect(ofType(await eventsOf(taskId), 'ask_user')).toEqual(questions)
  })

  test('is for who may answer: others find no task, and readers are told so', async () => {
    await open()
    const { taskId, opCode } = await asked()
    const stranger = await world.addCaller('operator', { dialect: 'agentrix' })
    const auditor = await world.addCaller('auditor', { dialect: 'agentrix' })
    const answers = [stranger, auditor].map((by) => respond(taskId, { answers: ['red'] }, opCode, by))
    const told = (await Promise.all(answers)).map((answer) => [answer.statusCode, answer.json().code])
    expect(told).toEqual([
      [404, 'TASK_NOT_FOUND'],
      [403, 'FORBIDDEN'],
    ])
    expect(ofType(await eventsOf(taskId), 'ask_user_response')).toEqual([])
  })

  test('comes too late once the time is over, which is shown as its own response', async () => {
    const clock = createFakeClock()
    const calls = [asks({ ...color, expires_in_seconds: 60, default: 'red' })]
    const { models } = await open([{ text: 'I ask', calls }, { text: 'done' }], { clock })
    const { taskId, opCode } = await asked()
    clock.advance(60_000)
    const late = await respond(taskId, { answers: ['blue'] }, opCode)
    expect([late.statusCode, late.json()]).toMatchObject([
      409,
      { code: 'PROMPT_SETTLED', settled: { status: 'timeout' } },
    ])
    await until('the run to go on', async () => models.calls.length === 2)
    expect(toldTo(models)).toMatchObject({ output: expect.stringContaining('"answer":"red"') })
    expect(ofType(await eventsOf(taskId), 'ask_user_response')).toMatchObject([
      { opCode, eventData: { message: { answers: ['red'], status: 'timeout', reason: 'timeout' } } },
    ])
  })

  test('of a task that was cancelled comes from the system', async () => {
    const { call } = await open()
    const { taskId, opCode } = await asked()
    await call('POST', `/v1/tasks/${taskId}/cancel`)
    expect(ofType(await eventsOf(taskId), 'ask_user_response')).toMatchObject([
      { opCode, eventData: { message: { answers: [], status: 'cancelled', reason: 'system' } } },
    ])
    const late = await respond(taskId, { answers: ['red'] }, opCode)
    expect([late.statusCode, late.json()]).toMatchObject([409, { settled: { status: 'cancelled' } }])
  })

  test('is given after a restart', async () => {
    const restartable = createRestartableStore()
    const first = await open(asksOnce, { wrapStore: restartable.before })
    const { taskId, opCode } = await asked()
    await first.close()
    const models = createScriptedModels([{ text: 'Thank you.' }])
    world = await openAgentrix({ models, wrapStore: restartable.after })
    const caller = await world.addCaller('operator', { dialect: 'agentrix', userId: first.caller.user.id })
    expect((await respond(taskId, { answers: ['blue'] }, opCode, caller)).statusCode).toBe(200)
    await until('the run to go on', async () => models.calls.length === 1)
    expect(toldTo(models)).toMatchObject({ output: '{"answers":{"answer":"blue"}}' })
  })
})

describe('on the WebSocket', () => {
  const isShown = (messages: readonly object[], type: string) => JSON.stringify(messages).includes(`"${type}"`)

  test('a frame answers, and its response comes in its place among the events', async () => {
    await open()
    const { taskId, opCode } = await asked()
    const address = await world.listen()
    const watched = watchSocket(`${address}/v1/tasks/${taskId}/events`, world.caller.headers)
    await until('the question to come', async () => isShown(watched.messages, 'ask_user'))
    const frame = (answers: readonly string[]) =>
      JSON.stringify({ opCode, message: { type: 'ask_user_response', answers, status: 'answered', reason: 'user' } })
    for (const wrong of ['nonsense', '{}', frame(['green'])]) watched.socket.send(wrong)
    const refused = () => watched.messages.filter(({ code }) => code !== undefined)
    await until('what is wrong to be refused', async () => refused().length === 3)
    watched.socket.send(frame(['blue']))
    expect(await watched.closed).toBe(1000)
    const events = watched.messages.filter(({ code }) => code === undefined) as unknown as Event[]
    expect(refused().map(({ code }) => code)).toEqual(Array(3).fill('INVALID_REQUEST'))
    expect(events).toEqual(await eventsOf(taskId))
    expect(ofType(events, 'ask_user_response')).toMatchObject([{ opCode }])
  })

  test('a frame of who may only read is refused, and the socket stays open', async () => {
    await open()
    const { taskId, opCode } = await asked()
    const auditor = await world.addCaller('auditor', { dialect: 'agentrix' })
    const watched = watchSocket(`${await world.listen()}/v1/tasks/${taskId}/events`, auditor.headers)
    await until('the question to come', async () => isShown(watched.messages, 'ask_user'))
    watched.socket.send(JSON.stringify({ opCode, message: { type: 'ask_user_response', answers: ['red'] } }))
    await until('the refusal to come', async () => watched.messages.some(({ code }) => code === 'FORBIDDEN'))
    expect((await respond(taskId, { answers: ['blue'] }, opCode)).statusCode).toBe(200)
    expect(await watched.closed).toBe(1000)
  })
})
