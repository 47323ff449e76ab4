import { afterEach, describe, expect, test } from 'vitest'
import type { Agent } from '../../../src/domain/agent.ts'
import { createPushedModels } from '../../support/pushed-models.ts'
import { createScriptedModels } from '../../support/scripted-models.ts'
import { until } from '../../support/until.ts'
import { anyInstant, anyTaskId, coreIdOf, openShinzo, type Shinzo } from './open-shinzo.ts'

let shinzo: Shinzo
const open = async (options?: Parameters<typeof openShinzo>[0]) => {
  shinzo = await openShinzo(options)
  return shinzo
}
afterEach(() => shinzo.world.close())

const publicUrl = () => 'https://tasks.example'

/** A request with every documented field. */
const everything = {
  message: 'Look over what changed and say what you think of it.',
  priority: 7,
  timeout_override: 90.5,
  metadata: { project: 'web', tags: ['a', 'b'], nested: { deep: null } },
  callback_mode: 'poll',
}

describe('submitting', () => {
  test('a request is answered with 202 and exactly the documented body', async () => {
    const { call, agent } = await open({ settings: { publicUrl } })
    const { message, priority, metadata } = everything
    const answer = await call('POST', `/agent/request/${agent.id}`, { message, priority, metadata })
    expect(answer.statusCode, answer.body).toBe(202)
    expect(answer.headers['content-type']).toMatch(/^application\/json/u)
    const url = `https://tasks.example/agent/${agent.id}/task/${answer.json().task_id}`
    expect(answer.json()).toEqual({
      task_id: expect.stringMatching(anyTaskId),
      status: 'queued',
      created_at: expect.stringMatching(anyInstant),
      estimated_start: expect.stringMatching(anyInstant),
      poll_url: url,
      cancel_url: `${url}/cancel`,
    })
  })

  test('the message alone is enough: priority 5, polled, the agent’s own timeout, no metadata', async () => {
    const { addAgent, call, submit } = await open({ started: false })
    const { id } = await addAgent({ timeoutMs: 40_000 })
    const task = (await call('GET', await submit({ message: 'say hi' }, id))).json()
    expect(task).toMatchObject({
      priority: 5,
      callback_mode: 'poll',
      webhook_url: null,
      timeout_seconds: 40,
      metadata: {},
    })
  })

  test('everything that was asked for is kept and shown', async () => {
    const { world, call, submit } = await open({ started: false })
    const path = await submit(everything)
    const { message: _said, timeout_override, ...shown } = everything
    expect((await call('GET', path)).json()).toMatchObject({ ...shown, timeout_seconds: timeout_override })
    const snapshot = await world.deps.store.readSnapshot(coreIdOf(path))
    expect(snapshot?.task).toMatchObject({
      dialect: 'shinzo',
      metadata: everything.metadata,
      title: 'Look over what changed and say what you think of…',
    })
    expect(snapshot?.run.config.timeoutMs).toBe(90_500)
  })

  test('the URLs of the answer work as they are, also for who came through the mount with a key of another dialect', async () => {
    const { world, caller, call, agent } = await open({ settings: { publicUrl }, started: false })
    const keys = [
      ['', caller],
      ['/shinzo', caller],
      ['/shinzo', await world.addCaller('operator', { dialect: 'native', userId: caller.user.id })],
    ] as const
    for (const [mount, who] of keys) {
      const { poll_url, cancel_url } = (
        await call('POST', `${mount}/agent/request/${agent.id}`, { message: 'say hi' }, who)
      ).json()
      const at = (url: string) => url.slice('https://tasks.example'.length)
      expect((await call('GET', at(poll_url), undefined, who)).json().status).toBe('queued')
      expect((await call('POST', at(cancel_url), undefined, who)).json().status).toBe('cancelled')
    }
  })

  test('the URLs follow the public URL and never the Host header', async () => {
    const { world, caller, agent } = await open({ settings: { publicUrl } })
    const headers = { ...caller.headers, host: 'evil.example' }
    const url = `/agent/request/${agent.id}`
    const answer = await world.app.inject({ method: 'POST', url, headers, payload: { message: 'say hi' } })
    expect(answer.json().poll_url).toMatch(/^https:\/\/tasks\.example\//u)
  })

  test('the answer says queued also for a task that runs at once', async () => {
    const pushed = createPushedModels()
    const { call, agent, taskThatIs } = await open({ models: pushed.models })
    const answer = (await call('POST', `/agent/request/${agent.id}`, { message: 'say hi' })).json()
    expect(answer.status).toBe('queued')
    await taskThatIs('running', `/agent/${agent.id}/task/${answer.task_id}`)
  })

  test.each(['paused', 'stopped', 'error'] as const)('an agent that is %s takes no task: 503', async (state) => {
    const { addAgent, call, world } = await open()
    const { id } = await addAgent({ state })
    const answer = await call('POST', `/agent/request/${id}`, { message: 'say hi' })
    expect(answer.statusCode).toBe(503)
    expect(answer.json().error.code).toBe('AGENT_UNAVAILABLE')
    expect(await world.deps.store.listTasks({}, { limit: 1 })).toEqual([])
  })

  test('an agent that is absent and one that is somebody else’s are not found, and look the same', async () => {
    const { addAgent, call, world } = await open()
    const other = await world.addCaller('operator', { dialect: 'shinzo' })
    const theirs: Agent = await addAgent({ ownerId: other.user.id })
    const ids = [theirs.id, '5b0e9c4e-95f5-4f52-9f3a-0d8f3a5c1111', 'agt_abc123', 'no agent', 'list']
    const bodies = new Set<string>()
    for (const id of ids) {
      const answer = await call('POST', `/agent/request/${encodeURIComponent(id)}`, { message: 'say hi' })
      expect([answer.statusCode, answer.json().error.code]).toEqual([404, 'AGENT_NOT_FOUND'])
      bodies.add(JSON.stringify({ ...answer.json(), meta: null }))
    }
    expect(bodies.size).toBe(1)
  })

  test('the agent may also be named by agt_ and the digits of its UUID', async () => {
    const { call, agent } = await open()
    const path = `/agent/request/agt_${agent.id.replaceAll('-', '')}`
    const answer = await call('POST', path, { message: 'say hi' })
    expect(answer.statusCode).toBe(202)
    expect(answer.json().poll_url).toContain(`/agent/${agent.id}/task/`)
  })

  test('a key that is bound to an agent reaches that agent only', async () => {
    const { world, caller, agent, addAgent, call } = await open()
    const bound = await world.addCaller('operator', { dialect: 'shinzo', userId: caller.user.id, agentId: agent.id })
    const { id } = await addAgent()
    const submitTo = async (to: string) =>
      (await call('POST', `/agent/request/${to}`, { message: 'hi' }, bound)).statusCode
    expect([await submitTo(agent.id), await submitTo(id)]).toEqual([202, 404])
  })

  test('the most urgent goes first, and of two that are as urgent the older one', async () => {
    const models = createScriptedModels([{ text: 'done' }])
    const { world, submit, taskThatIs } = await open({ models, started: false, limits: { runs_running_max: 1 } })
    const paths: string[] = []
    for (const [message, priority] of [
      ['five, first', 5],
      ['one', 1],
      ['ten', 10],
      ['five, left out', undefined],
      ['seven', 7],
    ] as const) {
      paths.push(await submit({ message, ...(priority !== undefined && { priority }) }))
    }
    await world.deps.dispatcher.start()
    for (const path of paths) await taskThatIs('completed', path)
    const order = models.calls.map(({ messages }) => JSON.stringify(messages))
    for (const [at, word] of ['ten', 'seven', 'five, first', 'five, left out', 'one'].entries()) {
      expect(order[at]).toContain(word)
    }
  })
})

describe('polling', () => {
  test('a task that waits is queued: it has not started and says nothing yet', async () => {
    const { call, submit, agent } = await open({ started: false })
    const path = await submit({ message: 'say hi' })
    const answer = await call('GET', path)
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual({
      task_id: path.split('/').at(-1),
      agent_id: agent.id,
      status: 'queued',
      priority: 5,
      created_at: expect.stringMatching(anyInstant),
      started_at: null,
      updated_at: expect.stringMatching(anyInstant),
      completed_at: null,
      progress: { steps: 0, max_steps: 45 },
      result: null,
      error: null,
      usage: { input_tokens: 0, output_tokens: 0, total_tokens: 0, cost_usd: 0, duration_seconds: 0 },
      timeout_seconds: 3_600,
      metadata: {},
      callback_mode: 'poll',
      webhook_url: null,
      input_requests: [],
    })
  })

  test('a task under way is running, with the steps that it made and no result', async () => {
    const held = Promise.withResolvers<void>()
    const models = createScriptedModels([
      { calls: [{ tool: 'list_files', input: { path: '.' } }] },
      { text: 'done', before: () => held.promise },
    ])
    const { submit, taskThatIs, call, world } = await open({ models })
    const path = await submit({ message: 'say hi' })
    await taskThatIs('running', path)
    const task = await until('a step', async () => {
      const seen = (await call('GET', path)).json()
      return seen.progress.steps === 1 && seen
    })
    expect(task).toMatchObject({
      status: 'running',
      started_at: expect.stringMatching(anyInstant),
      completed_at: null,
      progress: { steps: 1, max_steps: 45 },
      result: null,
      error: null,
      usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 },
    })
    held.resolve()
    await taskThatIs('completed', path)
    expect(world.errors).toEqual([])
  })

  test('a task that ended well is completed, with its result, its usage and when it ended', async () => {
    const { submit, taskThatIs } = await open({ models: createScriptedModels([{ text: 'All is well.' }]) })
    const task = await taskThatIs('completed', await submit({ message: 'say hi', metadata: { a: 1 } }))
    expect(task).toMatchObject({
      status: 'completed',
      started_at: expect.stringMatching(anyInstant),
      completed_at: expect.stringMatching(anyInstant),
      progress: { steps: 1, max_steps: 45 },
      result: 'All is well.',
      error: null,
      usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15, cost_usd: 0.000_015 },
      metadata: { a: 1 },
    })
    expect(Date.parse(task.completed_at)).toBeGreaterThanOrEqual(Date.parse(task.started_at))
  })

  test('a task that met an error is failed, and says which', async () => {
    const { submit, taskThatIs } = await open({ models: createScriptedModels([{ throws: new Error('boom') }]) })
    const task = await taskThatIs('failed', await submit({ message: 'say hi' }))
    expect(task).toMatchObject({ result: null, completed_at: expect.stringMatching(anyInstant) })
    expect(task.error).toEqual({ code: expect.any(String), message: expect.any(String) })
  })

  test('a task that takes longer than timeout_override fails for that', async () => {
    const models = createScriptedModels([{ before: () => new Promise(() => undefined) }])
    const { submit, taskThatIs } = await open({ models })
    const task = await taskThatIs('failed', await submit({ message: 'say hi', timeout_override: 0.02 }))
    expect(task.error.code).toMatch(/timeout/u)
  })

  test('is found by its UUID too', async () => {
    const { call, submit, agent } = await open({ started: false })
    const path = await submit({ message: 'say hi' })
    const answer = await call('GET', `/agent/${agent.id}/task/${coreIdOf(path)}`)
    expect(answer.json().task_id).toBe(path.split('/').at(-1))
  })

  test('absent, somebody else’s, another agent’s and no id at all look the same on every route', async () => {
    const { world, call, submit, agent, addAgent } = await open({ started: false })
    const other = await world.addCaller('operator', { dialect: 'shinzo' })
    const mine = await submit({ message: 'say hi' })
    const { id } = await addAgent()
    const theirs = await submit({ message: 'say hi' }, world.agent.id, other)
    const paths = [
      theirs,
      mine.replace(agent.id, id),
      `/agent/${agent.id}/task/tsk_0`,
      `/agent/x/task/${mine.slice(-36)}`,
    ]
    for (const [method, end, body] of [
      ['GET', '', undefined],
      ['POST', '/message', { message: 'hi' }],
      ['POST', '/cancel', undefined],
    ] as const) {
      const bodies = new Set<string>()
      for (const path of paths) {
        const answer = await call(method, path + end, body)
        expect([answer.statusCode, answer.json().error.code], path + end).toEqual([404, 'TASK_NOT_FOUND'])
        bodies.add(JSON.stringify({ ...answer.json(), meta: null }))
      }
      expect(bodies.size).toBe(1)
    }
  })
})

describe('sending a message', () => {
  test('to a task under way gives it to the agent', async () => {
    const held = Promise.withResolvers<void>()
    const models = createScriptedModels([{ text: 'first', before: () => held.promise }, { text: 'second' }])
    const { call, submit, taskThatIs } = await open({ models })
    const path = await submit({ message: 'say hi' })
    await taskThatIs('running', path)
    const answer = await call('POST', `${path}/message`, { message: 'also say bye' })
    expect(answer.statusCode, answer.body).toBe(200)
    expect(answer.json()).toEqual({
      task_id: path.split('/').at(-1),
      status: 'running',
      received_at: expect.stringMatching(anyInstant),
    })
    held.resolve()
    expect((await taskThatIs('completed', path)).result).toBe('second')
    expect(JSON.stringify(models.calls.at(-1)?.messages)).toContain('also say bye')
  })

  test('to a task that waits to start is taken as well', async () => {
    const { call, submit } = await open({ started: false })
    const answer = await call('POST', `${await submit({ message: 'say hi' })}/message`, { message: 'more' })
    expect([answer.statusCode, answer.json().status]).toEqual([200, 'queued'])
  })

  test('to a task that has ended is 400, and the task stays as it is', async () => {
    const { call, submit, taskThatIs } = await open()
    const path = await submit({ message: 'say hi' })
    const before = await taskThatIs('completed', path)
    const answer = await call('POST', `${path}/message`, { message: 'more' })
    expect([answer.statusCode, answer.json().error.code]).toEqual([400, 'TASK_FINISHED'])
    expect((await call('GET', path)).json()).toEqual(before)
  })

  test.each([{}, { message: '' }, { message: 5 }, { message: null }, { message: 'x'.repeat(101) }, []])(
    'needs a message: %j is 400',
    async (body) => {
      const { call, submit } = await open({ started: false, limits: { message_chars_max: 100 } })
      const answer = await call('POST', `${await submit({ message: 'say hi' })}/message`, body)
      expect([answer.statusCode, answer.json().error.code]).toEqual([400, 'INVALID_REQUEST'])
    },
  )
})

describe('cancelling', () => {
  const expected = (path: string) => ({
    task_id: path.split('/').at(-1),
    status: 'cancelled',
    cancelled_at: expect.stringMatching(anyInstant),
  })

  test('a task that waits is 200, and it never starts', async () => {
    const models = createScriptedModels([{ text: 'done' }])
    const { world, call, submit, taskThatIs } = await open({ models, started: false })
    const path = await submit({ message: 'say hi' })
    const answer = await call('POST', `${path}/cancel`)
    expect([answer.statusCode, answer.json()]).toEqual([200, expected(path)])
    await world.deps.dispatcher.start()
    await taskThatIs('completed', await submit({ message: 'another' }))
    expect((await call('GET', path)).json()).toMatchObject({ status: 'cancelled', started_at: null, error: null })
    expect(models.calls).toHaveLength(1)
  })

  test('a task under way is 200, and the work itself is stopped', async () => {
    const stopped = Promise.withResolvers<void>()
    const models = createScriptedModels([
      {
        before: ({ signal }) => {
          signal.addEventListener('abort', () => stopped.resolve(), { once: true })
          return new Promise(() => undefined)
        },
      },
    ])
    const { call, submit, taskThatIs, world } = await open({ models })
    const path = await submit({ message: 'say hi' })
    await taskThatIs('running', path)
    await until('the model call', () => models.calls.length === 1)
    expect((await call('POST', `${path}/cancel`)).statusCode).toBe(200)
    await stopped.promise
    expect((await call('GET', path)).json()).toMatchObject({ status: 'cancelled', result: null })
    expect(world.errors).toEqual([])
  })

  test('again is answered as the first time', async () => {
    const { call, submit } = await open({ started: false })
    const path = await submit({ message: 'say hi' })
    const first = await call('POST', `${path}/cancel`)
    const second = await call('POST', `${path}/cancel`, {})
    expect([second.statusCode, second.json()]).toEqual([200, first.json()])
  })

  test.each([
    ['completed', { text: 'done' }],
    ['failed', { throws: new Error('boom') }],
  ] as const)('a task that is %s is 400', async (status, step) => {
    const { call, submit, taskThatIs } = await open({ models: createScriptedModels([step]) })
    const path = await submit({ message: 'say hi' })
    await taskThatIs(status, path)
    const answer = await call('POST', `${path}/cancel`)
    expect([answer.statusCode, answer.json().error.code]).toEqual([400, 'TASK_FINISHED'])
    expect(answer.json().error.message).toContain(status)
  })

  test('takes a request that says JSON and has no body', async () => {
    const { world, caller, submit } = await open({ started: false })
    const url = `${await submit({ message: 'say hi' })}/cancel`
    const headers = { ...caller.headers, 'content-type': 'application/json' }
    expect((await world.app.inject({ method: 'POST', url, headers })).statusCode).toBe(200)
  })
})
