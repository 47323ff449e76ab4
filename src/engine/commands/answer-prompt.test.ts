import { afterEach, expect, test, vi } from 'vitest'
import {
  createEngineWorld,
  type EngineWorld,
  type EngineWorldOptions,
} from '../../../test/support/create-engine-world.ts'
import type { ScriptedModels } from '../../../test/support/scripted-models.ts'
import { createScriptedTool } from '../../../test/support/scripted-tool.ts'
import type { JsonValue } from '../../domain/json.ts'
import type { Principal } from '../../domain/principal.ts'
import type { Prompt } from '../../domain/prompt.ts'
import { createAskQuestion } from '../../tool/builtin/ask-question/create-ask-question.ts'
import { createPromptTimekeeper } from '../services/prompt-timekeeper.ts'
import { type AnswerPrompt, answerPrompt } from './answer-prompt.ts'
import { cancelRun } from './cancel-run.ts'
import { resumeRun } from './resume-run.ts'
import { stopRun } from './stop-run.ts'

let world: EngineWorld
afterEach(() => world.close())

const asks = (input: JsonValue) => ({ tool: 'ask_question', input })
const color = asks({ question: 'Which color?', options: ['red', 'blue'] })

async function open(options: EngineWorldOptions = {}): Promise<void> {
  const steps = [{ text: 'I ask', calls: [color] }, { text: 'done' }]
  world = await createEngineWorld({
    steps,
    tools: [createAskQuestion(), createScriptedTool('note', () => 'noted')],
    ...options,
  })
  await world.deps.dispatcher.start()
}

/** Submits a task and resolves when its run waits, with what it asks. */
async function waiting(over: Parameters<EngineWorld['submit']>[0] = {}) {
  const { task, run } = await world.submit({ askQuestion: true, ...over })
  await world.event(task.id, 'run.waiting')
  return { task, run, prompts: await world.store.listOpenPrompts(task.id) }
}

const answer = (prompt: Prompt | undefined, request: AnswerPrompt, principal: Principal = world.owner) =>
  answerPrompt(world.deps, principal, prompt?.id, request)
const choose = (value: string): AnswerPrompt => ({ outcome: 'answered', data: { answers: { answer: value } } })
const ended = (taskId: string) =>
  Promise.race([
    world.event(taskId, 'run.succeeded'),
    world.event(taskId, 'run.failed'),
    world.event(taskId, 'run.cancelled'),
  ])
const kindsOf = async (taskId: string) => (await world.events(taskId)).map(({ kind }) => kind)
const stateOf = async (taskId: string) => (await world.store.readTask(taskId))?.state
const lastMessages = () => (world.deps.models as ScriptedModels).calls.at(-1)?.messages ?? []

test('a run that asks waits without a worker, and goes on with the answer as the result of its call', async () => {
  await open()
  const { task, run, prompts } = await waiting()
  await world.attemptEnded(run.id)
  expect(await stateOf(task.id)).toBe('waiting')
  expect(world.deps.attempts.controlOf(run.id)).toBeUndefined()
  expect(prompts).toMatchObject([
    { kind: 'question', state: 'open', tool: 'ask_question', ownerId: world.owner.userId },
  ])
  const answered = await answer(prompts[0], choose('blue'))
  expect(answered).toMatchObject({ open: [], prompt: { state: 'answered', outcome: 'answered' } })
  await ended(task.id)
  expect(lastMessages().at(-1)).toMatchObject({ role: 'tool', failed: false, output: '{"answers":{"answer":"blue"}}' })
  expect(await kindsOf(task.id)).toEqual([
    'task.submitted',
    'message.added',
    'run.queued',
    'run.claimed',
    'step.started',
    'model.responded',
    'action.requested',
    'action.decided',
    'prompt.opened',
    'run.waiting',
    'prompt.answered',
    'run.resumed',
    'run.claimed',
    'action.settled',
    'step.started',
    'model.responded',
    'run.succeeded',
  ])
})

test('without the field neither the tool nor a word of it reaches the model', async () => {
  await open({ steps: [{ text: 'done' }], agent: { tools: ['note', 'ask_question'] } })
  const { task } = await world.submit()
  await ended(task.id)
  const [call] = (world.deps.models as ScriptedModels).calls
  expect(call?.tools.map(({ name }) => name)).toEqual(['note'])
  expect(JSON.stringify(call)).not.toContain('ask')
})

test('several questions are answered independently, in any order, and the last answer lets the run go on', async () => {
  const two = [asks({ question: 'First?' }), asks({ question: 'Second?' })]
  await open({ steps: [{ text: 'I ask', calls: two }, { text: 'done' }] })
  const { task, prompts } = await waiting()
  expect(prompts).toHaveLength(2)
  const second = await answer(prompts[1], choose('two'))
  expect(second.open.map(({ id }) => id)).toEqual([prompts[0]?.id])
  expect(await stateOf(task.id)).toBe('waiting')
  expect((await answer(prompts[0], choose('one'))).open).toEqual([])
  await ended(task.id)
  const outputs = lastMessages().flatMap((message) => (message.role === 'tool' ? [message.output] : []))
  expect(outputs).toEqual(['{"answers":{"answer":"one"}}', '{"answers":{"answer":"two"}}'])
})

test('of answers at the same time one counts, and the others are told how it was settled', async () => {
  await open()
  const { task, prompts } = await waiting()
  const tries = await Promise.allSettled(['red', 'blue', 'red'].map((value) => answer(prompts[0], choose(value))))
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const one of tries.filter(({ status }) => status === 'rejected')) {
    expect(one).toMatchObject({
      reason: { code: 'prompt_settled', settled: { prompt: prompts[0]?.id, state: 'answered', outcome: 'answered' } },
    })
  }
  await ended(task.id)
  expect((await kindsOf(task.id)).filter((kind) => kind === 'prompt.answered')).toHaveLength(1)
})

test('an answer that does not fit, or is for another version, changes nothing', async () => {
  await open()
  const { task, prompts } = await waiting()
  for (const wrong of [
    choose('green'),
    { outcome: 'approved' },
    { outcome: 'answered' },
    { ...choose('red'), version: 2 },
  ] as const) {
    await expect(answer(prompts[0], wrong)).rejects.toMatchObject({ code: 'invalid_input' })
  }
  expect(await kindsOf(task.id)).not.toContain('prompt.answered')
  expect(await stateOf(task.id)).toBe('waiting')
})

test('who may see a prompt but not answer it is refused, and the try is recorded', async () => {
  await open()
  const { task, prompts } = await waiting()
  const auditor: Principal = { ...world.owner, userId: 'auditor-1', role: 'auditor', keyId: 'key-9' }
  await expect(answer(prompts[0], choose('red'), auditor)).rejects.toMatchObject({ code: 'role_forbidden' })
  const stranger: Principal = { ...world.owner, userId: 'stranger' }
  await expect(answer(prompts[0], choose('red'), stranger)).rejects.toMatchObject({ code: 'prompt_not_found' })
  await expect(answer(undefined, choose('red'))).rejects.toMatchObject({ code: 'prompt_not_found' })
  const rejected = (await world.events(task.id)).filter(({ kind }) => kind === 'prompt.rejected')
  expect(rejected.map(({ facts }) => facts)).toMatchObject([{ by: { user: 'auditor-1', key: 'key-9', via: 'key' } }])
  await answer(prompts[0], choose('red'))
})

test.each<[string, JsonValue, string, string]>([
  ['has no default is declined', { question: 'q?' }, 'run.succeeded', 'Nobody answered in time.'],
  ['has one gets it', { question: 'q?', default: 'tea' }, 'run.succeeded', '"answer":"tea"'],
])('a question that %s when nobody answers in time', async (_what, input, end, told) => {
  await open({
    steps: [{ text: 'I ask', calls: [asks({ ...(input as object), expires_in_seconds: 60 })] }, { text: 'done' }],
  })
  const polls: number[] = []
  const timekeeper = createPromptTimekeeper(world.deps, { polled: (expired) => polls.push(expired) })
  const { task, prompts } = await waiting()
  world.clock.advance(58_000)
  await timekeeper.start()
  world.clock.advance(1_000)
  await world.clock.until(() => polls.length === 1)
  expect(polls).toEqual([0])
  await world.clock.until(() => {
    world.clock.advance(500)
    return polls.length > 1
  })
  await ended(task.id)
  await timekeeper.stop(0)
  expect((await kindsOf(task.id)).at(-1)).toBe(end)
  expect(lastMessages().at(-1)).toMatchObject({ role: 'tool', output: expect.stringContaining(told) })
  await expect(answer(prompts[0], choose('late'))).rejects.toMatchObject({
    code: 'prompt_settled',
    settled: { state: 'expired' },
  })
})

test('an answer after the time is over is refused although nothing has recorded that yet', async () => {
  await open({
    steps: [{ text: 'I ask', calls: [asks({ question: 'q?', expires_in_seconds: 60 })] }, { text: 'done' }],
  })
  const { task, prompts } = await waiting()
  world.clock.advance(60_000)
  await expect(answer(prompts[0], choose('late'))).rejects.toMatchObject({ settled: { state: 'expired' } })
  await ended(task.id)
})

test('a cancel withdraws what is open, and nobody can answer it any more', async () => {
  await open()
  const { task, prompts } = await waiting()
  await cancelRun(world.deps, world.owner, task.id)
  expect((await kindsOf(task.id)).slice(-3)).toEqual(['prompt.withdrawn', 'action.settled', 'run.cancelled'])
  await expect(answer(prompts[0], choose('red'))).rejects.toMatchObject({ settled: { state: 'withdrawn' } })
})

test('a waiting run that is stopped keeps its questions answerable, and goes on only when it is resumed and they are settled', async () => {
  await open()
  const { task, prompts, run } = await waiting()
  await world.attemptEnded(run.id)
  await stopRun(world.deps, world.owner, task.id)
  expect(await stateOf(task.id)).toBe('paused')
  await resumeRun(world.deps, world.owner, task.id)
  await vi.waitUntil(async () => (await stateOf(task.id)) === 'waiting')
  await stopRun(world.deps, world.owner, task.id)
  await answer(prompts[0], choose('red'))
  expect(await stateOf(task.id)).toBe('paused')
  await resumeRun(world.deps, world.owner, task.id)
  await ended(task.id)
  expect(lastMessages().at(-1)).toMatchObject({ output: '{"answers":{"answer":"red"}}' })
})

test('other calls of the same step are carried out while a question is open', async () => {
  await open({ steps: [{ text: 'both', calls: [color, { tool: 'note', input: { text: 'a' } }] }, { text: 'done' }] })
  const { task, prompts } = await waiting()
  expect((await kindsOf(task.id)).slice(-3)).toEqual(['action.decided', 'action.settled', 'run.waiting'])
  await answer(prompts[0], choose('red'))
  await ended(task.id)
})

test('an answer that was given to one process is acted on by another', async () => {
  await open()
  const { task, prompts } = await waiting()
  await world.stop()
  await answer(prompts[0], choose('blue'))
  const other = await createEngineWorld({
    steps: [{ text: 'done' }],
    tools: [createAskQuestion()],
    beside: { store: world.store, clock: world.clock },
  })
  await other.deps.dispatcher.start()
  await other.event(task.id, 'run.succeeded')
  const [call] = (other.deps.models as ScriptedModels).calls
  expect(call?.messages.at(-1)).toMatchObject({ role: 'tool', output: '{"answers":{"answer":"blue"}}' })
  await other.stop()
})
