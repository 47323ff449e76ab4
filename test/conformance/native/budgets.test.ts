import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../../support/create-world.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.close())

const none = { micros_usd: 0, tokens: 0, steps: 0 }
const absent = '00000000-0000-7000-8000-000000000000'

describe('the budget of a task', () => {
  test('is what it asked for, else the default, and shows what is used of it', async () => {
    const budget = { micros_usd: 500_000, steps: 3 }
    const task = await world.runTask({ input: 'write x to a.txt then say done', budget })
    const { steps } = task.run
    const cap = { micros_usd: 500_000, tokens: 100_000_000, steps: 3 }
    expect(task.budget).toMatchObject({ cap, reserved: none, lent: none, spent: { steps } })
    expect(task.budget.spent.tokens).toBe(task.usage.input_tokens + task.usage.output_tokens)
    const answer = await world.call('GET', `/v1/tasks/${task.id}/budget`)
    expect(answer.json()).toEqual({
      ...task.budget,
      available: {
        micros_usd: 500_000 - task.budget.spent.micros_usd,
        tokens: 100_000_000 - task.budget.spent.tokens,
        steps: 3 - steps,
      },
    })
    expect((await world.call('GET', `/v1/tasks/${task.number}/budget`)).json()).toEqual(answer.json())
  })

  test('ends the run where it is used up', async () => {
    const input = 'write x to a.txt then write y to b.txt then say done'
    const task = await world.runTask({ input, budget: { steps: 1 } })
    expect(task).toMatchObject({ state: 'failed', error: { code: 'budget_exhausted' } })
    expect(task.budget.spent.steps).toBe(1)
  })

  test.each([
    [{ micros_usd: -1 }, 'budget.micros_usd', undefined],
    [{ micros_usd: 1.5 }, 'budget.micros_usd', undefined],
    [{ tokens: '5' }, 'budget.tokens', undefined],
    [{ dollars: 1 }, 'budget.dollars', undefined],
    [{ micros_usd: 10_000_000_001 }, 'budget.micros_usd', 'budget_cents_max'],
    [{ tokens: 10_000_000_001 }, 'budget.tokens', 'budget_tokens_max'],
    [{ steps: 1_000_001 }, 'budget.steps', 'budget_steps_max'],
  ])('%j is refused, naming %s and the limit %s', async (budget, field, limit) => {
    const answer = await world.call('POST', '/v1/tasks', { input: 'x', budget })
    expect([answer.statusCode, answer.json().code], answer.body).toEqual([422, 'invalid_input'])
    expect([answer.json().errors[0].field, answer.json().limit]).toEqual([field, limit])
  })

  test('of somebody else looks like that of a task that is not there', async () => {
    const { id } = await world.runTask({ input: 'say x' })
    const stranger = await world.addCaller('operator')
    const theirs = await world.call('GET', `/v1/tasks/${id}/budget`, undefined, stranger)
    const nowhere = await world.call('GET', `/v1/tasks/${absent}/budget`, undefined, stranger)
    expect([theirs.statusCode, theirs.body]).toEqual([404, nowhere.body])
    const auditor = await world.addCaller('auditor')
    expect((await world.call('GET', `/v1/tasks/${id}/budget`, undefined, auditor)).statusCode).toBe(200)
  })
})

describe('the usage', () => {
  test('is summed up by what is asked for', async () => {
    const other = await world.addCaller('operator')
    const mine = await world.runTask({ input: 'say x' })
    await world.runTask({ input: 'say y' }, other)
    await world.runTask({ input: 'say z' }, other)
    const sums = async (query: string) => (await world.call('GET', `/v1/usage?${query}`)).json()
    const day = mine.ended_at?.slice(0, 10)
    const all = await sums(`from=${day}&to=${day}`)
    expect(all).toMatchObject({ from: day, to: day })
    expect(all.usage).toEqual([
      {
        day: null,
        agent_id: null,
        user_id: null,
        team_id: null,
        runs: 3,
        steps: 3,
        input_tokens: expect.any(Number),
        output_tokens: expect.any(Number),
        cost_micros_usd: expect.any(Number),
      },
    ])
    const byUser: { user_id: string; agent_id: string; day: string; runs: number }[] = (await sums('by=user,agent,day'))
      .usage
    const runsOf = (userId: string) => byUser.find(({ user_id }) => user_id === userId)
    expect(runsOf(world.admin.user.id)).toMatchObject({ runs: 1, agent_id: world.agent.id, day })
    expect(runsOf(other.user.id)).toMatchObject({ runs: 2 })
    expect((await sums(`user_id=${other.user.id}`)).usage[0].runs).toBe(2)
    expect((await sums('from=2020-01-01&to=2020-01-31')).usage).toEqual([])
  })

  test("is the caller's own, but for roles that read everything", async () => {
    const caller = await world.addCaller('operator')
    await world.runTask({ input: 'say x' })
    await world.runTask({ input: 'say y' }, caller)
    const runs = async (who: typeof caller) =>
      (await world.call('GET', '/v1/usage', undefined, who)).json().usage[0].runs
    expect(await runs(caller)).toBe(1)
    expect(await runs(await world.addCaller('auditor'))).toBe(2)
    const refused = await world.call('GET', `/v1/usage?user_id=${world.admin.user.id}`, undefined, caller)
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'role_forbidden'])
  })

  test.each([
    ['from=yesterday', 'from'],
    ['from=2026-02-31', 'from'],
    ['from=2026-02-02&to=2026-02-01', 'from'],
    ['from=2020-01-01&to=2026-01-01', 'from'],
    ['by=model', 'by'],
    ['by=', 'by'],
    ['by=day,day,', 'by'],
    ['colour=red', 'colour'],
  ])('%s is refused, naming %s', async (query, field) => {
    const answer = await world.call('GET', `/v1/usage?${query}`)
    expect([answer.statusCode, answer.json().code], answer.body).toEqual([422, 'invalid_input'])
    expect(answer.json().errors[0].field).toBe(field)
  })
})
