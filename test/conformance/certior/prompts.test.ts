import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createFakeClock } from '../../../src/clock/fake/create-fake-clock.ts'
import type { JsonValue } from '../../../src/domain/json.ts'
import { createAskingModels, lastToldTo, onTheRowsOf } from '../../support/asking-models.ts'
import type { Caller } from '../../support/create-world.ts'
import { createScriptedModels } from '../../support/scripted-models.ts'
import { until } from '../../support/until.ts'
import { type Certior, coreId, openCertior } from './open-certior.ts'

let certior: Certior
const others: Certior[] = []
const sockets: WebSocket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate()
  for (const { world } of [...others.splice(0), certior]) await world.close()
})

const color = { question: 'Which color?', options: ['red', 'blue'] }
type Execution = Awaited<ReturnType<typeof pending>>

/** The execution, once it asks something. */
const pending = (id: string, who?: Caller) =>
  until(`${id} to ask`, async () => {
    const execution = (await certior.call('GET', `/api/v1/executions/${id}`, undefined, who)).json()
    return execution.pending_prompts.length > 0 && execution
  })

async function asking(inputs: readonly JsonValue[] = [color], options: Parameters<typeof openCertior>[0] = {}) {
  const models = createAskingModels(...inputs)
  certior = await openCertior({ models, ...options })
  const id = await certior.submit({ task: 'paint it', ask_question: true })
  return { ...certior, models, id, execution: await pending(id) }
}

/** Answers at the address that the execution shows. */
const answer = ({ pending_prompts: [prompt] }: Execution, value: string, from = certior, who = certior.caller) =>
  from.world.call(
    'POST',
    `${new URL(prompt.prompt_url).pathname}/answer`,
    { data: { answers: { answer: value } } },
    who,
  )

test('an execution that asks is executing, and shows what it asks and where that is answered', async () => {
  const { execution, world } = await asking([{ ...color, default: 'red', expires_in_seconds: 3_600 }])
  const [{ prompt_id }] = execution.pending_prompts
  expect(execution.status).toBe('executing')
  expect(execution.tool_calls).toMatchObject([{ tool: 'ask_question', verdict: 'allowed', outcome: null }])
  expect(execution.pending_prompts).toEqual([
    {
      prompt_id,
      prompt_kind: 'question',
      tool_call_id: execution.tool_calls[0].id,
      tool: 'ask_question',
      questions: [{ id: 'answer', ...color, multiple: false, default: 'red' }],
      opened_at: expect.any(Number),
      expires_at: execution.pending_prompts[0].opened_at + 3_600,
      prompt_url: `http://127.0.0.1/mandate/v1/prompts/${prompt_id}`,
    },
  ])
  expect(execution.pending_prompts[0].opened_at).toBeLessThan(1e11)
  expect(world.errors).toEqual([])
})

test('an agent asks only where the request allows it', async () => {
  const models = createScriptedModels([{ text: 'done' }])
  certior = await openCertior({ models })
  for (const more of [{}, { ask_question: null }, { ask_question: false }]) {
    const id = await certior.submit({ task: 'paint it', ...more })
    expect(await certior.executionThatIs('succeeded', id)).toMatchObject({ pending_prompts: [] })
  }
  expect(JSON.stringify(models.calls.map(({ tools }) => tools))).not.toContain('ask_question')
})

test('a question is answered natively, once, and the execution goes on where it stood', async () => {
  const { id, execution, executionThatIs, models } = await asking()
  const answered = await answer(execution, 'blue')
  expect([answered.statusCode, answered.json().prompt.state], answered.body).toEqual([200, 'answered'])
  const ended = await executionThatIs('succeeded', id)
  expect(ended).toMatchObject({ output: 'done', pending_prompts: [] })
  expect(ended.tool_calls).toMatchObject([{ outcome: 'completed', result: '{"answers":{"answer":"blue"}}' }])
  expect(lastToldTo(models)).toBe('{"answers":{"answer":"blue"}}')
  const again = await answer(execution, 'red')
  expect([again.statusCode, again.json().code]).toEqual([409, 'prompt_settled'])
})

test('the socket tells what is asked, where it is answered, and that it was', async () => {
  const { id, execution, world, caller } = await asking()
  const address = (await world.listen()).replace(/^http/u, 'ws')
  const socket = new WebSocket(`${address}/ws/executions/${id}`, { headers: caller.headers })
  sockets.push(socket)
  const frames: { status: string; data: Record<string, unknown> }[] = []
  socket.on('message', (text) => frames.push(JSON.parse(String(text))))
  const closed = once(socket, 'close')
  await until('the question', () => frames.some(({ data }) => data['type'] === 'run.waiting'))
  expect((await answer(execution, 'blue')).statusCode).toBe(200)
  await closed
  const [{ prompt_id, tool_call_id, questions }] = execution.pending_prompts
  const opened = frames.find(({ data }) => data['type'] === 'prompt.opened')
  expect(opened).toMatchObject({
    status: 'executing',
    data: {
      ...{ prompt_id, prompt_kind: 'question', tool_call_id, tool: 'ask_question', questions, expires_at: null },
      prompt_url: expect.stringMatching(new RegExp(`^http.*/mandate/v1/prompts/${prompt_id}$`, 'u')),
    },
  })
  const settled = frames.find(({ data }) => data['type'] === 'prompt.answered')
  expect(settled).toMatchObject({ status: 'executing', data: { prompt_id, outcome: 'answered' } })
  expect(frames.at(-1)?.status).toBe('succeeded')
})

test('an execution that asks nothing, and one of a stranger, are answered nothing', async () => {
  const { id, execution, world, call, executionThatIs } = await asking()
  const stranger = await world.addCaller('operator', { dialect: 'certior' })
  expect((await answer(execution, 'blue', certior, stranger)).statusCode).toBe(404)
  expect((await call('GET', `/api/v1/executions/${id}`, undefined, stranger)).statusCode).toBe(404)
  expect((await call('DELETE', `/api/v1/executions/${id}`)).statusCode).toBe(200)
  await executionThatIs('cancelled', id)
  const late = await answer(execution, 'blue')
  expect([late.statusCode, late.json().code]).toEqual([409, 'prompt_settled'])
})

test('others to whom an execution is shown do not see what it asks', async () => {
  const { id, world, call } = await asking()
  const { store } = world.deps
  const snapshot = await coreId(certior, id)
  if (snapshot === undefined) throw new Error('The execution is gone.')
  const { id: task, title, metadata } = snapshot.task
  await store.commit({ write: [{ kind: 'save_task', task, title, metadata, visibility: 'public' }] })
  const reader = await world.addCaller('operator', { dialect: 'certior' })
  const shown = await call('GET', `/api/v1/executions/${id}`, undefined, reader)
  expect([shown.statusCode, shown.json().pending_prompts]).toEqual([200, []])
})

test('after the time is over an answer is refused, and the execution goes on without it', async () => {
  const clock = createFakeClock()
  const { id, execution, executionThatIs, models } = await asking([{ ...color, expires_in_seconds: 60 }], { clock })
  clock.advance(60_000)
  const late = await answer(execution, 'blue')
  expect([late.statusCode, late.json().code]).toEqual([409, 'prompt_settled'])
  await executionThatIs('succeeded', id)
  expect(lastToldTo(models)).toBe('Nobody answered in time.')
})

test('what was asked on Monday is answered on Thursday, of another process', async () => {
  const clock = createFakeClock()
  const { id, world, execution, executionThatIs } = await asking([color], { clock })
  await world.deps.dispatcher.stop(0)
  clock.advance(3 * 86_400_000)
  const models = createScriptedModels([{ text: 'painted' }])
  const later = await openCertior({ clock, models, wrapStore: onTheRowsOf(world.deps.store) })
  others.push(later)
  expect((await answer(execution, 'blue', later)).statusCode).toBe(200)
  expect(await executionThatIs('succeeded', id)).toMatchObject({ output: 'painted' })
  expect(lastToldTo(models)).toBe('{"answers":{"answer":"blue"}}')
})
