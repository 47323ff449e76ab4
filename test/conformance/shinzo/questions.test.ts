import { afterEach, describe, expect, test } from 'vitest'
import { createFakeClock } from '../../../src/clock/fake/create-fake-clock.ts'
import type { JsonValue } from '../../../src/domain/json.ts'
import type { Prompt } from '../../../src/domain/prompt.ts'
import { createAskingModels, lastToldTo, onTheRowsOf } from '../../support/asking-models.ts'
import { createScriptedModels } from '../../support/scripted-models.ts'
import { anyInstant, coreIdOf, openShinzo, type Shinzo } from './open-shinzo.ts'

let shinzo: Shinzo
const others: Shinzo[] = []
afterEach(async () => {
  for (const { world } of [...others.splice(0), shinzo]) await world.close()
})

const color = { question: 'Which color?', options: ['red', 'blue'] }

/** A task that awaits the answers to these questions. */
async function awaiting(inputs: readonly JsonValue[] = [color], options: Parameters<typeof openShinzo>[0] = {}) {
  const models = createAskingModels(...inputs)
  shinzo = await openShinzo({ models, ...options })
  const path = await shinzo.submit({ message: 'paint it', ask_question: true })
  return { ...shinzo, models, path, task: await shinzo.taskThatIs('awaiting_input', path) }
}

const say = (path: string, message: string, from: Shinzo = shinzo, who = shinzo.caller) =>
  from.call('POST', `${path}/message`, { message }, who)
const codeOf = (answer: { statusCode: number; json(): { error: { code: string } } }) => [
  answer.statusCode,
  answer.json().error.code,
]
const kindsOf = async (path: string) =>
  (await shinzo.world.deps.store.readEvents(coreIdOf(path), 0, 1_000)).map(({ kind }) => kind)

describe('a task that asks its user', () => {
  test('is awaiting_input and shows what it asks, which its URL shows natively too', async () => {
    const { task, world, caller } = await awaiting([{ ...color, default: 'red', expires_in_seconds: 3_600 }])
    const [{ prompt_id, prompt_url }] = task.input_requests
    expect(task).toMatchObject({ completed_at: null, result: null, error: null })
    expect(task.input_requests).toEqual([
      {
        prompt_id,
        kind: 'question',
        tool: 'ask_question',
        questions: [{ id: 'answer', ...color, multiple: false, default: 'red' }],
        by_message: true,
        opened_at: expect.stringMatching(anyInstant),
        expires_at: expect.stringMatching(anyInstant),
        prompt_url: `http://127.0.0.1/mandate/v1/prompts/${prompt_id}`,
      },
    ])
    const native = await world.call('GET', new URL(prompt_url).pathname, undefined, caller)
    expect(native.json()).toMatchObject({ id: prompt_id, may_answer: true })
  })

  test('is one that was allowed to: otherwise the model has no such tool', async () => {
    const models = createScriptedModels([{ text: 'done' }])
    shinzo = await openShinzo({ models })
    for (const more of [{}, { ask_question: false }]) {
      await shinzo.taskThatIs('completed', await shinzo.submit({ message: 'paint it', ...more }))
    }
    const offered = models.calls.map(({ tools }) => tools.some(({ name }) => name === 'ask_question'))
    expect(offered).toEqual([false, false])
  })

  test('does not show others to whom it is shown what it asks', async () => {
    const { path, world } = await awaiting()
    const { store } = world.deps
    const task = await store.readTask(coreIdOf(path))
    if (task === undefined) throw new Error('The task is gone.')
    const { id, title, metadata } = task
    await store.commit({ write: [{ kind: 'save_task', task: id, title, metadata, visibility: 'public' }] })
    const reader = await world.addCaller('operator', { dialect: 'shinzo' })
    expect((await shinzo.call('GET', path, undefined, reader)).json()).toMatchObject({
      status: 'awaiting_input',
      input_requests: [],
    })
    expect(codeOf(await say(path, 'blue', shinzo, reader))).toEqual([403, 'FORBIDDEN'])
  })
})

describe('a message to a task that asks', () => {
  test('is its answer, and the run goes on where it stood', async () => {
    const { path, models, taskThatIs } = await awaiting()
    const answer = await say(path, 'blue')
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      {
        task_id: path.split('/').at(-1),
        status: expect.stringMatching(/^(queued|running)$/u),
        received_at: expect.stringMatching(anyInstant),
      },
    ])
    expect(await taskThatIs('completed', path)).toMatchObject({ result: 'done', input_requests: [] })
    expect(lastToldTo(models)).toBe('{"answers":{"answer":"blue"}}')
    expect((await kindsOf(path)).filter((kind) => kind === 'message.added')).toHaveLength(1)
  })

  test('that is none of the options is 400 with the options, and the task goes on waiting', async () => {
    const { path, call } = await awaiting()
    const answer = await say(path, 'green')
    expect(codeOf(answer)).toEqual([400, 'INVALID_REQUEST'])
    expect(answer.json().error.details).toMatchObject({ field: 'message', reason: 'must be one of: "red", "blue"' })
    expect((await call('GET', path)).json()).toMatchObject({ status: 'awaiting_input' })
  })

  test('counts once: of several at the same time one is the answer', async () => {
    const { path, taskThatIs } = await awaiting([color])
    const tries = await Promise.all(['red', 'blue', 'red'].map((text) => say(path, text)))
    const statuses = tries.map(({ statusCode }) => statusCode)
    expect(statuses).toContain(200)
    await taskThatIs('completed', path)
    const kinds = await kindsOf(path)
    expect(kinds.filter((kind) => kind === 'prompt.answered')).toHaveLength(1)
    // One that came when nothing was asked any more is a message as ever; the others were refused.
    const taken = kinds.filter((kind) => kind === 'message.added').length - 1
    expect(statuses.filter((status) => status === 200)).toHaveLength(1 + taken)
    for (const status of statuses) expect([200, 400, 409]).toContain(status)
    expect(codeOf(await say(path, 'red'))).toEqual([400, 'TASK_FINISHED'])
  })

  test('answers none of several questions: 409, and each natively by its id', async () => {
    const { path, task, taskThatIs, world, caller } = await awaiting([{ question: 'First?' }, { question: 'Second?' }])
    expect(task.input_requests.map(({ by_message }: { by_message: boolean }) => by_message)).toEqual([false, false])
    expect(codeOf(await say(path, 'yes'))).toEqual([409, 'CONFLICT'])
    const url = new URL(task.input_requests[0].prompt_url).pathname
    const one = await world.call('POST', `${url}/answer`, { data: { answers: { answer: 'one' } } }, caller)
    expect(one.statusCode, one.body).toBe(200)
    expect((await shinzo.call('GET', path)).json().input_requests).toMatchObject([{ by_message: true }])
    expect((await say(path, 'two')).statusCode).toBe(200)
    await taskThatIs('completed', path)
  })

  test('approves nothing: 409 while a decision is open, whatever it says', async () => {
    const { path, world, taskThatIs } = await awaiting()
    const { store, randomness } = world.deps
    const [question] = await store.listOpenPrompts(coreIdOf(path))
    const approval: Prompt = { ...(question as Prompt), id: randomness.newId(), kind: 'approval' }
    await store.commit({ write: [{ kind: 'insert_prompt', prompt: approval }] })
    for (const text of ['approve', 'yes', 'blue']) expect(codeOf(await say(path, text))).toEqual([409, 'CONFLICT'])
    expect(await store.readPrompt(approval.id)).toMatchObject({ state: 'open' })
    expect((await taskThatIs('awaiting_input', path)).input_requests).toMatchObject([
      { kind: 'question', by_message: false },
      { kind: 'approval', by_message: false, questions: [] },
    ])
  })

  test('of a stranger finds no task, and one of a key that only reads is refused', async () => {
    const { path, world, caller } = await awaiting()
    const stranger = await world.addCaller('operator', { dialect: 'shinzo' })
    const viewer = await world.addCaller('viewer', { dialect: 'shinzo', userId: caller.user.id })
    expect(codeOf(await say(path, 'blue', shinzo, stranger))).toEqual([404, 'TASK_NOT_FOUND'])
    expect(codeOf(await say(path, 'blue', shinzo, viewer))).toEqual([403, 'FORBIDDEN'])
    expect(await kindsOf(path)).not.toContain('prompt.answered')
  })

  test('after the time is over is 409, and the run goes on without it', async () => {
    const clock = createFakeClock()
    const { path, models, taskThatIs } = await awaiting([{ ...color, expires_in_seconds: 60 }], { clock })
    clock.advance(60_000)
    expect(codeOf(await say(path, 'blue'))).toEqual([409, 'CONFLICT'])
    await taskThatIs('completed', path)
    expect(lastToldTo(models)).toBe('Nobody answered in time.')
  })

  test('on Thursday answers what was asked on Monday, of another process', async () => {
    const clock = createFakeClock()
    const { path, world } = await awaiting([color], { clock })
    await world.deps.dispatcher.stop(0)
    clock.advance(3 * 86_400_000)
    const models = createScriptedModels([{ text: 'painted' }])
    const later = await openShinzo({ clock, models, wrapStore: onTheRowsOf(world.deps.store) })
    others.push(later)
    expect((await say(path, 'blue', later)).statusCode).toBe(200)
    expect(await shinzo.taskThatIs('completed', path)).toMatchObject({ result: 'painted' })
    expect(lastToldTo(models)).toBe('{"answers":{"answer":"blue"}}')
  })
})
