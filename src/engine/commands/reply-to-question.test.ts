import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { ScriptedModels } from '../../../test/support/scripted-models.ts'
import { createScriptedTool } from '../../../test/support/scripted-tool.ts'
import type { JsonValue } from '../../domain/json.ts'
import type { Principal } from '../../domain/principal.ts'
import type { Prompt } from '../../domain/prompt.ts'
import { createAskQuestion } from '../../tool/builtin/ask-question/create-ask-question.ts'
import { answerPrompt } from './answer-prompt.ts'
import { replyToQuestion } from './reply-to-question.ts'

let world: EngineWorld
afterEach(() => world.close())

/** A task whose run waits for the answers to these questions. */
async function waiting(...inputs: readonly JsonValue[]) {
  const calls = inputs.map((input) => ({ tool: 'ask_question', input }))
  const tools = [createAskQuestion(), createScriptedTool('note', () => 'noted')]
  world = await createEngineWorld({ steps: [{ text: 'I ask', calls }, { text: 'done' }], tools })
  await world.deps.dispatcher.start()
  const { task } = await world.submit({ askQuestion: true })
  await world.event(task.id, 'run.waiting')
  return task
}

const reply = (taskId: string, text: string, principal: Principal = world.owner) =>
  replyToQuestion(world.deps, principal, taskId, { text, field: 'message' })
const lastMessage = () => (world.deps.models as ScriptedModels).calls.at(-1)?.messages.at(-1)
const kindsOf = async (taskId: string) => (await world.events(taskId)).map(({ kind }) => kind)

test('a text answers an open question as it is, in the name of who sent it', async () => {
  const task = await waiting({ question: 'Which color?' })
  const answered = await reply(task.id, ' A dark blue. ')
  expect(answered).toMatchObject({
    open: [],
    prompt: { state: 'answered', outcome: 'answered', answeredBy: { user: world.owner.userId, via: 'token' } },
    snapshot: { run: { state: 'queued' } },
  })
  await world.event(task.id, 'run.succeeded')
  expect(lastMessage()).toMatchObject({ role: 'tool', output: '{"answers":{"answer":" A dark blue. "}}' })
})

test.each([
  [{ question: 'Which?', options: ['red', 'dark blue'] }, '{"answers":{"answer":"dark blue"}}'],
  [{ question: 'Which?', options: ['red', 'dark blue'], multiple: true }, '{"answers":{"answer":["dark blue"]}}'],
])('the exact words of an option choose it: %j', async (question, output) => {
  const task = await waiting(question)
  await reply(task.id, 'dark blue\n')
  await world.event(task.id, 'run.succeeded')
  expect(lastMessage()).toMatchObject({ output })
})

test('a text that is no option is refused with the options, and changes nothing', async () => {
  const task = await waiting({ question: 'Which?', options: ['red', 'blue'] })
  for (const text of ['green', 'Red', 'red or blue', 're']) {
    await expect(reply(task.id, text)).rejects.toMatchObject({
      code: 'invalid_input',
      message: 'The answer is none of the options: "red", "blue".',
      fields: [{ field: 'message', message: 'must be one of: "red", "blue"' }],
    })
  }
  expect((await kindsOf(task.id)).at(-1)).toBe('run.waiting')
})

test('a text answers none of several questions, nor one that asks several things', async () => {
  const two = await waiting({ question: 'First?' }, { question: 'Second?' })
  await expect(reply(two.id, 'yes')).rejects.toMatchObject({ code: 'no_open_question', reason: 'several' })
  const [first] = await world.store.listOpenPrompts(two.id)
  await answerPrompt(world.deps, world.owner, first?.id, { outcome: 'answered', data: { answers: { answer: 'yes' } } })
  await reply(two.id, 'no')
  await world.event(two.id, 'run.succeeded')
  await world.close()
  const parts = await waiting({ questions: [{ question: 'First?' }, { question: 'Second?' }] })
  await expect(reply(parts.id, 'yes')).rejects.toMatchObject({ code: 'no_open_question', reason: 'several_items' })
  expect(await kindsOf(parts.id)).not.toContain('prompt.answered')
})

test.each(['approval', 'plan', 'budget'] as const)('a text decides no %s', async (kind) => {
  const task = await waiting({ question: 'Which color?' })
  const [question] = await world.store.listOpenPrompts(task.id)
  await reply(task.id, 'blue')
  await world.event(task.id, 'run.succeeded')
  const decision: Prompt = { ...(question as Prompt), id: world.deps.randomness.newId(), kind }
  await world.store.commit({ write: [{ kind: 'insert_prompt', prompt: decision }] })
  for (const text of ['approve', 'approved', 'yes']) {
    await expect(reply(task.id, text)).rejects.toMatchObject({ code: 'no_open_question', reason: 'needs_decision' })
  }
  expect(await world.store.readPrompt(decision.id)).toMatchObject({ state: 'open' })
})

test('where nothing is asked a text answers nothing', async () => {
  const task = await waiting({ question: 'Which color?' })
  await reply(task.id, 'blue')
  await world.event(task.id, 'run.succeeded')
  await expect(reply(task.id, 'red')).rejects.toMatchObject({ code: 'no_open_question', reason: 'none' })
})

test('of replies at the same time one counts', async () => {
  const task = await waiting({ question: 'Which color?' })
  const tries = await Promise.allSettled(['red', 'blue', 'green'].map((text) => reply(task.id, text)))
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const one of tries.filter(({ status }) => status === 'rejected')) {
    expect(one).toMatchObject({ reason: { code: expect.stringMatching(/^(prompt_settled|no_open_question)$/u) } })
  }
  await world.event(task.id, 'run.succeeded')
  expect((await kindsOf(task.id)).filter((kind) => kind === 'prompt.answered')).toHaveLength(1)
})

test('a text that comes when the time is over is told so', async () => {
  const task = await waiting({ question: 'Which color?', expires_in_seconds: 60 })
  world.clock.advance(60_000)
  await expect(reply(task.id, 'blue')).rejects.toMatchObject({ code: 'prompt_settled', settled: { state: 'expired' } })
  await world.event(task.id, 'run.succeeded')
})

test('who may not answer is told that and not what is asked; a try at an open question is recorded', async () => {
  const task = await waiting({ question: 'Which color?' }, { question: 'Which size?' })
  const auditor: Principal = { ...world.owner, userId: 'auditor-1', role: 'auditor' }
  const stranger: Principal = { ...world.owner, userId: 'stranger' }
  await expect(reply(task.id, 'blue', auditor)).rejects.toMatchObject({ code: 'role_forbidden' })
  await expect(reply(task.id, 'blue', stranger)).rejects.toMatchObject({ code: 'task_not_found' })
  const [first] = await world.store.listOpenPrompts(task.id)
  await answerPrompt(world.deps, world.owner, first?.id, { outcome: 'declined' })
  await expect(reply(task.id, 'blue', auditor)).rejects.toMatchObject({ code: 'role_forbidden' })
  await expect(reply(task.id, 'blue', stranger)).rejects.toMatchObject({ code: 'task_not_found' })
  const rejected = (await world.events(task.id)).filter(({ kind }) => kind === 'prompt.rejected')
  expect(rejected.map(({ facts }) => facts)).toMatchObject([{ by: { user: 'auditor-1' }, code: 'role_forbidden' }])
})

test('a shared reader is shown nothing that is asked, and answers nothing', async () => {
  const { id } = await waiting({ question: 'Which color?' })
  const snapshot = await world.store.readSnapshot(id)
  if (snapshot === undefined) throw new Error('The task is gone.')
  const { task } = snapshot
  const save = { title: task.title, visibility: 'public', metadata: task.metadata } as const
  await world.store.commit({ write: [{ kind: 'save_task', task: id, ...save }] })
  const reader: Principal = { ...world.owner, userId: 'reader' }
  await expect(reply(id, 'blue', reader)).rejects.toMatchObject({ code: 'role_forbidden' })
  expect((await kindsOf(id)).at(-1)).toBe('run.waiting')
})
