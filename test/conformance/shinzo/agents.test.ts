import { afterEach, describe, expect, test } from 'vitest'
import { createFakeClock } from '../../../src/clock/fake/create-fake-clock.ts'
import { createScriptedModels } from '../../support/scripted-models.ts'
import { anyInstant, openShinzo, type Shinzo } from './open-shinzo.ts'

let shinzo: Shinzo
const open = async (options?: Parameters<typeof openShinzo>[0]) => {
  shinzo = await openShinzo(options)
  return shinzo
}
afterEach(() => shinzo.world.close())

const namesIn = (answer: { json(): { agents: { name: string }[] } }) => answer.json().agents.map(({ name }) => name)

describe('the list of agents', () => {
  test('shows each agent that tasks can be given to, with its tasks', async () => {
    const { world, agent, call, submit, addAgent } = await open({ started: false })
    const other = await world.addCaller('operator', { dialect: 'shinzo' })
    await addAgent({ ownerId: other.user.id, name: 'not mine' })
    await submit({ message: 'one' })
    await call('POST', `${await submit({ message: 'two' })}/cancel`)
    const answer = await call('GET', '/agent/list')
    expect(answer.statusCode, answer.body).toBe(200)
    expect(answer.json()).toEqual({
      agents: [
        {
          uuid: agent.id,
          name: 'worker',
          description: agent.description,
          status: 'active',
          created_at: expect.stringMatching(anyInstant),
          updated_at: expect.stringMatching(anyInstant),
          task_count: 2,
          active_tasks: 1,
        },
        expect.objectContaining({ uuid: world.agent.id, name: 'demo', task_count: 0, active_tasks: 0 }),
      ],
      pagination: { page: 1, limit: 20, total: 2, total_pages: 1 },
    })
  })

  test('is sorted and cut into pages as asked, however many there are', async () => {
    const { call, addAgent } = await open({ started: false, limits: { page_size_max: 2 } })
    for (const [at, name] of ['b', 'd', 'a', 'c'].entries()) {
      await addAgent({ name, createdAt: 100 + at, updatedAt: 200 - at })
    }
    const names = async (query: string) => namesIn(await call('GET', `/agent/list?${query}`))
    expect(await names('sort=name&order=asc')).toEqual(['a', 'b', 'c', 'd', 'demo', 'worker'])
    expect(await names('sort=name&order=desc&limit=2')).toEqual(['worker', 'demo'])
    expect(await names('sort=created_at&order=asc&limit=4')).toEqual(['b', 'd', 'a', 'c'])
    expect(await names('sort=updated_at&order=asc&limit=4')).toEqual(['c', 'a', 'd', 'b'])
    expect(await names('sort=name&order=asc&limit=4&page=2')).toEqual(['demo', 'worker'])
    expect(await names('sort=name&order=asc&limit=4&page=3')).toEqual([])
    expect((await call('GET', '/agent/list?limit=4&page=2')).json().pagination).toEqual({
      page: 2,
      limit: 4,
      total: 6,
      total_pages: 2,
    })
  })

  test('shows those in one state only, where that is asked for', async () => {
    const { call, addAgent } = await open({ started: false })
    for (const state of ['paused', 'stopped', 'error'] as const) await addAgent({ name: state, state })
    for (const state of ['paused', 'stopped', 'error'] as const) {
      expect(namesIn(await call('GET', `/agent/list?status=${state}`))).toEqual([state])
    }
    expect((await call('GET', '/agent/list?status=active')).json().pagination.total).toBe(2)
  })

  test.each(['limit=0', 'limit=101', 'limit=x', 'page=0', 'page=1.5', 'status=gone', 'sort=size', 'order=up'])(
    'is refused for %s with 400',
    async (query) => {
      const { call } = await open({ started: false })
      const answer = await call('GET', `/agent/list?${query}`)
      expect([answer.statusCode, answer.json().error.details.field]).toEqual([400, query.split('=')[0]])
    },
  )
})

describe('pausing and resuming', () => {
  test('a paused agent refuses tasks with 503 until it is resumed', async () => {
    const { call, agent } = await open({ started: false })
    const submit = async () => (await call('POST', `/agent/request/${agent.id}`, { message: 'say hi' })).statusCode
    const paused = await call('POST', `/agent/${agent.id}/pause`)
    expect([paused.statusCode, paused.json()]).toEqual([
      200,
      { uuid: agent.id, status: 'paused', paused_at: expect.stringMatching(anyInstant) },
    ])
    expect(await submit()).toBe(503)
    const resumed = await call('POST', `/agent/${agent.id}/resume`, {})
    expect([resumed.statusCode, resumed.json()]).toEqual([
      200,
      { uuid: agent.id, status: 'active', resumed_at: expect.stringMatching(anyInstant) },
    ])
    expect(await submit()).toBe(202)
  })

  test('what is running goes on, and so does what waits', async () => {
    const held = Promise.withResolvers<void>()
    const models = createScriptedModels([{ text: 'done', before: () => held.promise }])
    const { call, agent, submit, taskThatIs } = await open({ models, limits: { runs_running_max: 1 } })
    const [running, waiting] = [await submit({ message: 'one' }), await submit({ message: 'two' })]
    await taskThatIs('running', running)
    await call('POST', `/agent/${agent.id}/pause`)
    held.resolve()
    expect((await taskThatIs('completed', running)).result).toBe('done')
    expect((await taskThatIs('completed', waiting)).result).toBe('done')
  })

  test('twice is 400', async () => {
    const { call, agent } = await open({ started: false, clock: createFakeClock() })
    expect((await call('POST', `/agent/${agent.id}/resume`)).json().error.code).toBe('INVALID_STATE')
    await call('POST', `/agent/${agent.id}/pause`)
    expect((await call('POST', `/agent/${agent.id}/pause`)).statusCode).toBe(400)
  })

  test.each(['stopped', 'error'] as const)('an agent that is %s can be resumed', async (state) => {
    const { call, addAgent } = await open({ started: false })
    const { id } = await addAgent({ state })
    expect((await call('POST', `/agent/${id}/resume`)).json().status).toBe('active')
  })

  test('of an agent that may only be used is 403, of one that is absent or hidden 404, which look the same', async () => {
    const { world, call, addAgent } = await open({ started: false })
    const other = await world.addCaller('operator', { dialect: 'shinzo' })
    const hidden = await addAgent({ ownerId: other.user.id })
    for (const verb of ['pause', 'resume']) {
      expect((await call('POST', `/agent/${world.agent.id}/${verb}`)).statusCode).toBe(403)
      const bodies = new Set<string>()
      for (const id of [hidden.id, 'absent']) {
        const answer = await call('POST', `/agent/${id}/${verb}`)
        expect([answer.statusCode, answer.json().error.code]).toEqual([404, 'AGENT_NOT_FOUND'])
        bodies.add(JSON.stringify({ ...answer.json(), meta: null }))
      }
      expect(bodies.size).toBe(1)
    }
  })
})
