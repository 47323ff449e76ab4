import { afterEach, describe, expect, test } from 'vitest'
import type { AnsweredPromptView, PromptPage, PromptView } from '../../../src/api/native/contract/prompt.ts'
import type { TaskView } from '../../../src/api/native/contract/task.ts'
import { type Caller, createWorld, type World } from '../../support/create-world.ts'
import { until } from '../../support/until.ts'

let world: World
afterEach(() => world.close())

/** Submits a task that asks, and resolves with it when it waits. */
async function asking(input: string, caller?: Caller): Promise<TaskView> {
  const task = (await world.call('POST', '/v1/tasks', { input, ask_question: true }, caller)).json<TaskView>()
  const read = () => world.call('GET', `/v1/tasks/${task.id}`, undefined, caller)
  return until('the run to wait', async () => {
    const view = (await read()).json<TaskView>()
    return view.state === 'waiting' && view
  })
}

async function inbox(query = '', caller?: Caller): Promise<PromptPage> {
  const answer = await world.call('GET', `/v1/prompts${query}`, undefined, caller)
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json()
}

const promptOf = async (caller?: Caller): Promise<PromptView> => {
  const [prompt] = (await inbox('', caller)).prompts
  if (prompt === undefined) throw new Error('The inbox is empty.')
  return prompt
}
const settle = (id: string, how: string, body: object = {}, caller?: Caller) =>
  world.call('POST', `/v1/prompts/${id}/${how}`, body, caller)
const choose = (answer: string) => ({ data: { answers: { answer } } })
const titles = ({ prompts }: PromptPage) => prompts.map(({ task }) => task.title)

describe('the inbox', () => {
  test('lists what the caller may answer, newest first, page by page, and nothing that is settled', async () => {
    world = await createWorld()
    const [owner, auditor, other] = [
      await world.addCaller('operator'),
      await world.addCaller('auditor'),
      await world.addCaller('operator'),
    ]
    for (const name of ['one', 'two', 'three']) await asking(`ask: ${name}`, owner)
    expect(titles(await inbox('', owner))).toEqual(['ask: three', 'ask: two', 'ask: one'])
    expect(titles(await inbox())).toHaveLength(3) // the administrator may answer every one
    for (const caller of [auditor, other])
      expect(await inbox('', caller)).toMatchObject({ prompts: [], has_more: false, next_cursor: null })
    const first = await inbox('?limit=2', owner)
    expect([titles(first), first.has_more]).toEqual([['ask: three', 'ask: two'], true])
    expect(titles(await inbox(`?limit=2&cursor=${first.next_cursor}`, owner))).toEqual(['ask: one'])
    expect(titles(await inbox('?kind=approval', owner))).toEqual([])
    await settle((await promptOf(owner)).id, 'cancel', {}, owner)
    expect(titles(await inbox('', owner))).toEqual(['ask: two', 'ask: one'])
  })

  test('that is empty answers as soon as something is asked', async () => {
    world = await createWorld()
    const waited = inbox('?wait=60')
    const task = await asking('ask: Which color? [red|blue]')
    expect((await waited).prompts).toMatchObject([
      {
        kind: 'question',
        state: 'open',
        task: { id: task.id, number: task.number },
        tool: 'ask_question',
        may_answer: true,
        version: 1,
        payload: {
          questions: [
            { id: 'answer', question: 'Which color?', options: ['red', 'blue'], multiple: false, default: null },
          ],
          schema: { properties: { answers: { required: ['answer'] } } },
        },
      },
    ])
  })

  test.each(['?wait=301', '?wait=x', '?limit=0', '?kind=nonsense', '?what=1'])('refuses %s', async (query) => {
    world = await createWorld({ started: false })
    expect((await world.call('GET', `/v1/prompts${query}`)).statusCode).toBe(422)
  })
})

describe('an answer', () => {
  test('settles the prompt, says what is still open, and the run ends with it', async () => {
    world = await createWorld()
    const task = await asking('ask: Which color? [red|blue] and ask: Why? then say {answer}')
    const listed = (await world.call('GET', `/v1/tasks/${task.number}/prompts`)).json<PromptPage>().prompts
    const [why, color] = listed.toSorted((a) => (JSON.stringify(a.payload).includes('Why') ? -1 : 1))
    const first = (await settle(color?.id ?? '', 'answer', choose('red'))).json<AnsweredPromptView>()
    expect(first).toMatchObject({
      task_state: 'waiting',
      prompt: { state: 'answered', outcome: 'answered', may_answer: false, answer: { data: choose('red').data } },
      open: [{ id: why?.id, state: 'open' }],
    })
    expect(first.prompt.answered_by).toEqual({ user: world.admin.user.id, key: world.admin.keyId, via: 'key' })
    const last = await settle(why?.id ?? '', 'answer', { ...choose('it is warm'), message: 'you are welcome' })
    expect(last.json()).toMatchObject({ open: [], prompt: { answer: { message: 'you are welcome' } } })
    const ended = (await world.call('GET', `/v1/tasks/${task.id}?wait=30`)).json<TaskView>()
    expect(ended.state).toBe('succeeded')
    expect(ended.result).toContain('With it came: you are welcome\nred, it is warm')
  })

  test.each<[string, string, object]>([
    ['no option', 'answer', choose('green')],
    ['no data', 'answer', {}],
    ['an answer to nothing that is asked', 'answer', { data: { answers: { other: 'red' } } }],
    ['another version', 'answer', { ...choose('red'), version: 2 }],
    ['an approval of a question', 'approve', {}],
    ['a field that does not exist', 'cancel', { reason: 'x' }],
  ])('that is %s is 422, and the prompt stays open', async (_what, how, body) => {
    world = await createWorld()
    const task = await asking('ask: Which color? [red|blue]')
    const prompt = await promptOf()
    expect((await settle(prompt.id, how, body)).statusCode).toBe(422)
    expect(await promptOf()).toEqual(prompt)
    expect((await world.readEvents(task.id)).map(({ type }) => type)).not.toContain('prompt.answered')
  })

  test('after the first one is 409, and says how the prompt was settled', async () => {
    world = await createWorld()
    await asking('ask: Which color? [red|blue]')
    const { id } = await promptOf()
    await settle(id, 'cancel', { message: 'not now' })
    const second = await settle(id, 'answer', choose('red'))
    expect([second.statusCode, second.json()]).toMatchObject([
      409,
      { code: 'prompt_settled', prompt: { id, state: 'answered', outcome: 'declined' } },
    ])
    const { settled_at } = (await world.call('GET', `/v1/prompts/${id}`)).json<PromptView>()
    expect(second.json().prompt.settled_at).toBe(settled_at)
  })

  test('with the same Idempotency-Key again is answered like the first', async () => {
    world = await createWorld()
    await asking('ask: Which color? [red|blue]')
    const { id } = await promptOf()
    const send = () =>
      world.app.inject({
        method: 'POST',
        url: `/v1/prompts/${id}/answer`,
        headers: { ...world.admin.headers, 'idempotency-key': 'k-1' },
        payload: choose('red'),
      })
    expect((await send()).statusCode).toBe(200)
    const again = await send()
    expect([again.statusCode, again.json()]).toMatchObject([200, { prompt: { id, outcome: 'answered' } }])
  })

  test('of whoever may only see it is 403 and recorded, and to anybody else there is no such prompt', async () => {
    world = await createWorld()
    const auditor = await world.addCaller('auditor')
    const stranger = await world.addCaller('operator')
    const task = await asking('ask: Which color? [red|blue]')
    const { id } = await promptOf()
    expect((await settle(id, 'answer', choose('red'), auditor)).json()).toMatchObject({ code: 'role_forbidden' })
    const seen = await world.call('GET', `/v1/prompts/${id}`, undefined, auditor)
    expect(seen.json()).toMatchObject({ state: 'open', may_answer: false })
    const absent = await settle(world.deps.randomness.newId(), 'answer', choose('red'), stranger)
    const hidden = await settle(id, 'answer', choose('red'), stranger)
    expect([hidden.statusCode, hidden.json()]).toEqual([404, absent.json()])
    const rejected = (await world.readEvents(task.id)).filter(({ type }) => type === 'prompt.rejected')
    expect(rejected).toMatchObject([{ data: { prompt: id, by: { user: auditor.user.id }, code: 'role_forbidden' } }])
  })
})
