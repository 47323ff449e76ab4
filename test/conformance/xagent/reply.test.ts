import { afterEach, describe, expect, test } from 'vitest'
import { createFakeClock } from '../../../src/clock/fake/create-fake-clock.ts'
import type { JsonValue } from '../../../src/domain/json.ts'
import type { Prompt } from '../../../src/domain/prompt.ts'
import { createAskingModels, lastToldTo, onTheRowsOf } from '../../support/asking-models.ts'
import { type FrameReader, readSse } from '../../support/read-stream.ts'
import { createScriptedModels, type ScriptedModels } from '../../support/scripted-models.ts'
import { openXagent, type Xagent } from './open-xagent.ts'

let xagent: Xagent
const others: Xagent[] = []
const readers: FrameReader[] = []
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.close()
  for (const { world } of [...others.splice(0), xagent]) {
    world.app.server.on('connection', (socket) => socket.destroy())
    world.app.server.closeAllConnections()
    await world.close()
  }
})

const color = { question: 'Which color?', options: ['red', 'blue'] }

async function open(inputs: readonly JsonValue[], options: Parameters<typeof openXagent>[0] = {}) {
  const models = createAskingModels(...inputs)
  xagent = await openXagent({ models, ...options })
  return { ...xagent, models }
}

/** A task that waits for the answers to these questions. */
async function waiting(inputs: readonly JsonValue[] = [color], options: Parameters<typeof openXagent>[0] = {}) {
  const opened = await open(inputs, options)
  const id = await opened.submit('paint it', { ask_question: true })
  return { ...opened, id, task: await opened.taskThatIs('waiting_for_user', id) }
}

const reply = (id: number, content: string, more: object = {}, from: Xagent = xagent, who = xagent.caller) =>
  from.call('POST', `/v1/chat/tasks/${id}/reply`, { agent_id: xagent.agentNumber, message: { content }, ...more }, who)
const codeOf = (answer: { statusCode: number; json(): { error: { code: string } } }) => [
  answer.statusCode,
  answer.json().error.code,
]
const eventsOf = async (id: number) => {
  const { task } = await xagent.coreTask(id)
  return xagent.world.deps.store.readEvents(task.id, 0, 1_000)
}
const kindsOf = async (id: number) => (await eventsOf(id)).map(({ kind }) => kind)

describe('a task that asks its user', () => {
  test('is waiting_for_user and shows what it asks', async () => {
    const { task, world } = await waiting([{ ...color, default: 'red', expires_in_seconds: 3_600 }])
    expect(task).toMatchObject({ control_state: 'waiting_for_user', output: null, error: null, completed_at: null })
    const { interactions } = task.pending_interaction
    const [{ prompt_id }] = interactions
    expect(task.pending_interaction).toEqual({
      question: 'Which color?',
      interactions: [
        {
          type: 'select_one',
          field: 'answer',
          label: 'Which color?',
          options: [
            { label: 'red', value: 'red' },
            { label: 'blue', value: 'blue' },
          ],
          default: 'red',
          prompt_id,
          kind: 'question',
          expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/u),
          prompt_url: `http://127.0.0.1/mandate/v1/prompts/${prompt_id}`,
        },
      ],
    })
    const path = new URL(interactions[0].prompt_url).pathname
    expect((await world.call('GET', path, undefined, xagent.caller)).json()).toMatchObject({
      id: prompt_id,
      kind: 'question',
    })
  })

  test('shows several questions as one text and as one interaction each', async () => {
    const { task } = await waiting([
      { question: 'First?' },
      { questions: [{ question: 'Second?', options: ['a'], multiple: true }, { question: 'Third?' }] },
    ])
    const { question, interactions } = task.pending_interaction
    expect(question).toBe('First?\nSecond?\nThird?')
    expect(interactions.map(({ type, field }: { type: string; field: string }) => [type, field])).toEqual([
      ['text_input', 'answer'],
      ['select_multiple', 'answer'],
      ['text_input', 'answer_2'],
    ])
  })

  test.each([{}, { ask_question: false }, { ask_question: null }])(
    'is one that was allowed to: with %j the model has no such tool',
    async (more) => {
      const models = createScriptedModels([{ text: 'done' }])
      const { submit, taskThatIs } = await open([], { models })
      const id = await submit('paint it', more)
      expect(await taskThatIs('completed', id)).toMatchObject({ pending_interaction: null })
      expect(models.calls[0]?.tools.map(({ name }) => name)).not.toContain('ask_question')
    },
  )

  test('may ask in its next turn as in the one before, unless that says otherwise', async () => {
    const models = createScriptedModels([{ text: 'done' }])
    const { submit, append, taskThatIs } = await open([], { models })
    const id = await submit('one', { ask_question: true })
    for (const more of [{}, { ask_question: false }, {}]) {
      await taskThatIs('completed', id)
      await append(id, 'more', more)
    }
    await taskThatIs('completed', id)
    const offered = models.calls.map(({ tools }) => tools.some(({ name }) => name === 'ask_question'))
    expect(offered).toEqual([true, true, false, false])
  })

  test('takes no further message: 409 interaction_response_required, without a Retry-After', async () => {
    const { id, append } = await waiting()
    const answer = await append(id, 'blue')
    expect(codeOf(answer)).toEqual([409, 'interaction_response_required'])
    expect(answer.json().error.message).toContain('/reply')
    expect(answer.headers['retry-after']).toBeUndefined()
    expect((await kindsOf(id)).filter((kind) => kind === 'message.added')).toHaveLength(1)
  })
})

describe('a reply', () => {
  test('is 202, and the run goes on where it stood with the answer', async () => {
    const { id, models, task, taskThatIs, agentNumber } = await waiting()
    const answer = await reply(id, 'blue')
    expect([answer.statusCode, answer.json()]).toEqual([
      202,
      {
        task_id: id,
        agent_id: agentNumber,
        status: 'running',
        accepted_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u),
      },
    ])
    const completed = await taskThatIs('completed', id)
    expect(completed).toMatchObject({
      output: 'done',
      input: 'paint it',
      run_id: task.run_id,
      pending_interaction: null,
    })
    expect(lastToldTo(models)).toBe('{"answers":{"answer":"blue"}}')
    const answered = (await eventsOf(id)).find(({ kind }) => kind === 'prompt.answered')
    expect(answered?.facts).toMatchObject({ by: { user: xagent.caller.user.id, key: xagent.caller.keyId, via: 'key' } })
  })

  test('that is none of the options is 422 with the options, and the task goes on waiting', async () => {
    const { id, read } = await waiting()
    const answer = await reply(id, 'green')
    expect(codeOf(answer)).toEqual([422, 'invalid_input'])
    expect(answer.json().error.details).toEqual([
      { field: 'message.content', message: 'must be one of: "red", "blue"' },
    ])
    expect((await read(id)).status).toBe('waiting_for_user')
  })

  test('counts once: a second one changes nothing', async () => {
    const { id, taskThatIs, models } = await waiting()
    const tries = await Promise.all(['red', 'blue', 'red'].map((text) => reply(id, text)))
    expect(tries.map(({ statusCode }) => statusCode).sort()).toEqual([202, 409, 409])
    await taskThatIs('completed', id)
    expect(codeOf(await reply(id, 'red'))).toEqual([409, 'no_pending_interaction'])
    expect((await kindsOf(id)).filter((kind) => kind === 'prompt.answered')).toHaveLength(1)
    expect(models.calls).toHaveLength(2)
  })

  test('under the same Idempotency-Key gets the first answer again', async () => {
    const { id, taskThatIs, world, caller, agentNumber } = await waiting()
    const send = () =>
      world.app.inject({
        method: 'POST',
        url: `/v1/chat/tasks/${id}/reply`,
        headers: { ...caller.headers, 'idempotency-key': 'reply-1' },
        payload: { agent_id: agentNumber, message: { content: 'blue' } },
      })
    const first = await send()
    await taskThatIs('completed', id)
    const again = await send()
    expect([first.statusCode, again.statusCode, again.body]).toEqual([202, 202, first.body])
    expect(again.headers['idempotent-replayed']).toBe('true')
  })

  test('to a task at work is 409 task_busy with a Retry-After, and to one that asks nothing 409 no_pending_interaction', async () => {
    const held = Promise.withResolvers<void>()
    const models = createScriptedModels([{ text: 'done', before: () => held.promise }])
    const { submit, taskThatIs, append } = await open([], { models })
    const id = await submit('paint it', { ask_question: true })
    const busy = await reply(id, 'blue')
    expect([codeOf(busy), busy.headers['retry-after']]).toEqual([[409, 'task_busy'], '1'])
    held.resolve()
    await taskThatIs('completed', id)
    expect(codeOf(await reply(id, 'blue'))).toEqual([409, 'no_pending_interaction'])
    expect((await append(id, 'more')).statusCode).toBe(202)
  })

  test('to a paused task is 409 no_pending_interaction; with a further message it asks again', async () => {
    const { id, world, coreTask, taskThatIs, append, read } = await waiting()
    await world.call('POST', `/mandate/v1/tasks/${(await coreTask(id)).task.id}/stop`)
    expect(await read(id)).toMatchObject({ status: 'paused', pending_interaction: null })
    expect(codeOf(await reply(id, 'blue'))).toEqual([409, 'no_pending_interaction'])
    expect((await append(id, 'go on')).statusCode).toBe(202)
    await taskThatIs('waiting_for_user', id)
    expect((await reply(id, 'blue')).statusCode).toBe(202)
    await taskThatIs('completed', id)
  })

  test('answers none of several questions: 409 interaction_not_resumable', async () => {
    const { id, task, world, caller, taskThatIs } = await waiting([{ question: 'First?' }, { question: 'Second?' }])
    expect(codeOf(await reply(id, 'yes'))).toEqual([409, 'interaction_not_resumable'])
    const [{ prompt_url }] = task.pending_interaction.interactions
    const path = `${new URL(prompt_url).pathname}/answer`
    expect((await world.call('POST', path, { data: { answers: { answer: 'one' } } }, caller)).statusCode).toBe(200)
    expect((await reply(id, 'two')).statusCode).toBe(202)
    await taskThatIs('completed', id)
  })

  test('decides nothing: 409 interaction_not_resumable while a decision is open, whatever it says', async () => {
    const { id, world, coreTask, read } = await waiting()
    const { store, randomness } = world.deps
    const [question] = await store.listOpenPrompts((await coreTask(id)).task.id)
    const decision: Prompt = { ...(question as Prompt), id: randomness.newId(), kind: 'approval', tool: 'write_file' }
    await store.commit({ write: [{ kind: 'insert_prompt', prompt: decision }] })
    for (const text of ['approve', 'yes', 'blue']) {
      expect(codeOf(await reply(id, text))).toEqual([409, 'interaction_not_resumable'])
    }
    expect(await store.readPrompt(decision.id)).toMatchObject({ state: 'open' })
    const { question: asked, interactions } = (await read(id)).pending_interaction
    expect(asked).toBe('Which color?\nA call of write_file waits for an approval.')
    expect(interactions[1]).toMatchObject({ type: 'confirm', kind: 'approval', prompt_id: decision.id })
  })

  test('takes no files: 422', async () => {
    const { id, call, agentNumber, read } = await waiting()
    const body = { agent_id: agentNumber, message: { content: 'blue', files: ['file-1'] } }
    const answer = await call('POST', `/v1/chat/tasks/${id}/reply`, body)
    expect(codeOf(answer)).toEqual([422, 'invalid_input'])
    expect(answer.json().error.details).toMatchObject([{ field: 'message.files' }])
    expect((await read(id)).status).toBe('waiting_for_user')
    for (const files of [[], null]) {
      const well = { agent_id: agentNumber, message: { content: 'no such color', files } }
      expect((await call('POST', `/v1/chat/tasks/${id}/reply`, well)).json().error.details[0].field).toBe(
        'message.content',
      )
    }
  })

  test('of a stranger finds no task, and one for another agent no agent', async () => {
    const { id, world, agentNumber, call, addAgentCaller, read } = await waiting()
    const stranger = await addAgentCaller(world.agent.id)
    expect(codeOf(await reply(id, 'blue', {}, xagent, stranger))).toEqual([404, 'task_not_found'])
    expect(codeOf(await reply(id, 'blue', { agent_id: agentNumber + 1 }))).toEqual([404, 'agent_not_found'])
    const body = { agent_id: agentNumber, message: { content: 'blue' } }
    expect(codeOf(await call('POST', '/v1/chat/tasks/999/reply', body))).toEqual([404, 'task_not_found'])
    expect((await read(id)).status).toBe('waiting_for_user')
  })

  test('after the time is over is 409 no_pending_interaction, and the run went on without it', async () => {
    const clock = createFakeClock()
    const { id, models, taskThatIs } = await waiting([{ ...color, expires_in_seconds: 60 }], { clock })
    clock.advance(60_000)
    expect(codeOf(await reply(id, 'blue'))).toEqual([409, 'no_pending_interaction'])
    await taskThatIs('completed', id)
    expect(lastToldTo(models)).toBe('Nobody answered in time.')
    expect(await kindsOf(id)).not.toContain('prompt.answered')
  })

  test('on Thursday answers what was asked on Monday, of another process', async () => {
    const clock = createFakeClock()
    const { id, world } = await waiting([color], { clock })
    await world.deps.dispatcher.stop(0)
    clock.advance(3 * 86_400_000)
    const models: ScriptedModels = createScriptedModels([{ text: 'painted' }])
    const later = await openXagent({ clock, models, wrapStore: onTheRowsOf(world.deps.store) })
    others.push(later)
    expect((await reply(id, 'blue', {}, later)).statusCode).toBe(202)
    expect(await xagent.taskThatIs('completed', id)).toMatchObject({ output: 'painted' })
    expect(lastToldTo(models)).toBe('{"answers":{"answer":"blue"}}')
  })
})

describe('the stream of a task that asks', () => {
  const watch = async (address: string, id: number, headers: Record<string, string> = {}) => {
    const reader = await readSse(`${address}/v1/chat/tasks/${id}/events`, { ...xagent.caller.headers, ...headers })
    readers.push(reader)
    return reader
  }
  const told = (frames: readonly { type: string; data: unknown }[]) => frames.map(({ type, data }) => [type, data])

  test('tells task.input_required with the question, and closes; the reader attaches again after the answer', async () => {
    const held = Promise.withResolvers<void>()
    const calls = [{ tool: 'ask_question', input: color }]
    const models = createScriptedModels([{ text: 'I ask', calls, before: () => held.promise }, { text: 'done' }])
    const { submit, world, read } = await open([], { models })
    const address = await world.listen()
    const id = await submit('paint it', { ask_question: true })
    const stream = await watch(address, id)
    held.resolve()
    const frames = await stream.all()
    expect(told(frames.slice(-2))).toEqual([
      ['task.status', { status: 'waiting_for_user' }],
      ['task.input_required', { task_id: id, prompt: 'Which color?' }],
    ])
    expect((await read(id)).status).toBe('waiting_for_user')
    expect((await reply(id, 'blue')).statusCode).toBe(202)
    const again = await (await watch(address, id, { 'last-event-id': String(frames.at(-1)?.seq) })).all()
    expect(told(again)[0]).toEqual(['task.status', { status: 'waiting_for_user' }])
    expect(told(again)[1]).toEqual(['task.status', { status: 'running' }])
    expect(told(again).at(-1)).toEqual(['task.completed', { status: 'completed', output: 'done', error: null }])
    // From the beginning nobody is told to answer what was answered.
    const all = await (await watch(address, id, { 'last-event-id': '0' })).all()
    expect(all.map(({ type }) => type)).not.toContain('task.input_required')
    expect(told(all).at(-1)).toEqual(['task.completed', { status: 'completed', output: 'done', error: null }])
  })

  test('to a task that waits gives the status, what is asked, and closes, from wherever it is taken up', async () => {
    const { id, task, world, caller } = await waiting([{ question: 'First?' }, { question: 'Second?' }])
    const address = await world.listen()
    const expected = [
      ['task.status', { status: 'waiting_for_user' }],
      ['task.input_required', { task_id: id, prompt: 'First?\nSecond?' }],
    ]
    expect(told(await (await watch(address, id)).all())).toEqual(expected)
    const all = await (await watch(address, id, { 'last-event-id': '0' })).all()
    expect(told(all.slice(-2))).toEqual(expected)
    const path = `${new URL(task.pending_interaction.interactions[0].prompt_url).pathname}/answer`
    await world.call('POST', path, { data: { answers: { answer: 'one' } } }, caller)
    const rest = ['task.input_required', { task_id: id, prompt: 'Second?' }]
    expect(told(await (await watch(address, id)).all())).toEqual([expected[0], rest])
    expect(told(await (await watch(address, id, { 'last-event-id': '0' })).all()).at(-1)).toEqual(rest)
  })
})
