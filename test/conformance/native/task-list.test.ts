import { afterEach, describe, expect, test } from 'vitest'
import { createWorld, type World, type WorldOptions } from '../../support/create-world.ts'

let world: World
const open = async (options: WorldOptions = {}) => {
  world = await createWorld(options)
  return world
}
afterEach(() => world.close())

describe('the list', () => {
  test('is newest first, and its pages join without a gap while tasks are added', async () => {
    const { call } = await open({ started: false })
    for (let at = 1; at <= 7; at += 1) await call('POST', '/v1/tasks', { input: `say ${at}` })
    const seen: number[] = []
    let cursor: string | null = null
    do {
      const query: string = cursor === null ? '' : `&cursor=${cursor}`
      const page = (await call('GET', `/v1/tasks?limit=3${query}`)).json()
      seen.push(...page.tasks.map(({ number }: { number: number }) => number))
      expect(page.has_more).toBe(page.next_cursor !== null)
      cursor = page.next_cursor
      await call('POST', '/v1/tasks', { input: 'say more' })
    } while (cursor !== null)
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1])
  })

  test('is narrowed by state, agent, parent, metadata and time', async () => {
    const { call, agent, deps } = await open({ started: false })
    const one = (await call('POST', '/v1/tasks', { input: 'a', metadata: { team: 'x', n: 'y' } })).json()
    const two = (await call('POST', '/v1/tasks', { input: 'b', metadata: { team: 'x' } })).json()
    await call('POST', `/v1/tasks/${two.id}/cancel`)
    const ids = async (query: string) => {
      const answer = await call('GET', `/v1/tasks?${query}`)
      expect(answer.statusCode, answer.body).toBe(200)
      return answer.json().tasks.map(({ number }: { number: number }) => number)
    }
    expect(await ids('state=queued')).toEqual([1])
    expect(await ids('state=queued,cancelled')).toEqual([2, 1])
    expect(await ids(`agent_id=${agent.id}`)).toEqual([2, 1])
    expect(await ids(`agent_id=${deps.randomness.newId()}`)).toEqual([])
    expect(await ids(`parent_id=${one.id}`)).toEqual([])
    expect(await ids('metadata[team]=x')).toEqual([2, 1])
    expect(await ids('metadata[team]=x&metadata[n]=y')).toEqual([1])
    expect(await ids('metadata[team]=z')).toEqual([])
    expect(await ids(`created_from=${two.created_at}&created_before=2100-01-01T00:00:00Z`)).toContain(2)
    expect(await ids('created_before=2001-01-01T00:00:00Z')).toEqual([])
  })

  test('shows summaries: no contents, all else as in the task', async () => {
    const { call, runTask } = await open()
    const { input, input_sealed, result, result_sealed, ...summary } = await runTask({ input: 'say hello' })
    expect({ input, input_sealed, result, result_sealed }).toMatchObject({ input: 'say hello', result: 'hello' })
    expect((await call('GET', '/v1/tasks')).json()).toEqual({ tasks: [summary], has_more: false, next_cursor: null })
  })

  test.each([
    ['state=nonsense', 'state'],
    ['state=queued,', 'state'],
    ['limit=0', 'limit'],
    ['limit=1000', 'limit'],
    ['limit=abc', 'limit'],
    ['cursor=abc', 'cursor'],
    ['agent_id=7', 'agent_id'],
    ['created_from=yesterday', 'created_from'],
    ['colour=red', 'colour'],
    ['limit=1&limit=2', 'limit'],
  ])('?%s is refused, naming %s', async (query, field) => {
    const { call } = await open({ started: false })
    const answer = await call('GET', `/v1/tasks?${query}`)
    expect([answer.statusCode, answer.json().code, answer.json().errors[0].field]).toEqual([
      422,
      'invalid_input',
      field,
    ])
  })
})
