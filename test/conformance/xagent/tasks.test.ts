import { afterEach, describe, expect, test } from 'vitest'
import type { Commit } from '../../../src/store/commit.ts'
import { createPushedModels } from '../../support/pushed-models.ts'
import { until } from '../../support/until.ts'
import { openXagent, type Xagent } from './open-xagent.ts'

let xagent: Xagent
const open = async (options?: Parameters<typeof openXagent>[0]) => {
  xagent = await openXagent(options)
  return xagent
}
afterEach(() => xagent.world.close())

const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u)

describe('creating a task', () => {
  test('is answered with 202 and exactly the four documented fields', async () => {
    const { call, bodyOf, agentNumber } = await open()
    for (const path of ['/v1/chat/tasks', '/xagent/v1/chat/tasks']) {
      const answer = await call('POST', path, bodyOf('say hi'))
      expect(answer.statusCode, answer.body).toBe(202)
      expect(answer.headers['content-type']).toMatch(/^application\/json/u)
      expect(answer.json()).toEqual({
        task_id: expect.any(Number),
        agent_id: agentNumber,
        status: 'running',
        created_at: instant,
      })
      expect(Number.isInteger(answer.json().task_id)).toBe(true)
    }
  })

  test('writes task, first message, claim and first attempt in one commit, before the answer', async () => {
    const commits: Commit[] = []
    const { submit, coreTask, world } = await open({
      wrapStore: (store) => ({
        ...store,
        commit: (commit) => {
          commits.push(commit)
          return store.commit(commit)
        },
      }),
    })
    const { task } = await coreTask(await submit('say hi'))
    const own = commits.filter(({ write }) => write.some((one) => one.kind === 'insert_task'))
    expect(own).toHaveLength(1)
    const kinds = own[0]?.write.flatMap((one) => (one.kind === 'append' ? one.events.map(({ kind }) => kind) : []))
    expect(kinds).toEqual(['task.submitted', 'message.added', 'run.queued', 'run.claimed', 'step.started'])
    expect(own[0]?.write.map(({ kind }) => kind)).toEqual(['insert_task', 'put_contents', 'append', 'move_ledger'])
    const stored = await world.deps.store.readEvents(task.id, 0, 4)
    expect(stored.at(-1)).toMatchObject({ kind: 'run.claimed', facts: { attempt: 1 } })
  })

  test("is a task of the agent's user, with the source sdk and the start of the message as its title", async () => {
    const { submit, coreTask, caller, world } = await open()
    const text = `say ${'x'.repeat(80)}`
    const { task, run } = await coreTask(await submit(text))
    expect(task).toMatchObject({
      ownerId: world.admin.user.id,
      submitter: { userId: caller.user.id, keyId: caller.keyId },
      agentId: world.agent.id,
      dialect: 'xagent',
      extension: { source: 'sdk' },
      title: text.slice(0, 50),
      visibility: 'private',
    })
    const message = (await world.deps.store.readContents([run.input])).get(run.input)
    expect(message?.body).toBe(text)
  })

  test('keeps the metadata as it came and gives it no meaning', async () => {
    const { submit, coreTask, read } = await open()
    const metadata = {
      trace_id: 't-1',
      request_id: 'r-1',
      nested: { list: [1, null, 'x'] },
      priority: 10,
      model: 'gone',
    }
    const id = await submit('say hi', { metadata })
    const { task, run } = await coreTask(id)
    expect(task.metadata).toEqual(metadata)
    expect([run.priority, run.config.model.provider]).toEqual([5, 'demo'])
    expect((await read(id)).metadata).toEqual(metadata)
  })

  test('takes no metadata, null for it, the role user, and fields that it does not know', async () => {
    const { call, agentNumber } = await open()
    const message = { role: 'user', content: 'say hi' }
    for (const more of [{}, { metadata: null }, { later_addition: 1 }]) {
      const answer = await call('POST', '/v1/chat/tasks', { agent_id: agentNumber, message, ...more })
      expect(answer.statusCode, answer.body).toBe(202)
    }
  })

  test('refuses files that were not uploaded, all or none, before there is a task or a turn', async () => {
    const { call, agentNumber, submit, taskThatIs, world } = await open()
    const id = await submit('say hi')
    await taskThatIs('completed', id)
    const message = { content: 'say more', files: ['file-1', 'file-2'] }
    for (const url of ['/v1/chat/tasks', `/v1/chat/tasks/${id}/messages`]) {
      const answer = await call('POST', url, { agent_id: agentNumber, message })
      expect([answer.statusCode, answer.json()]).toEqual([
        400,
        {
          error: {
            code: 'file_not_found',
            message: 'There is no such file.',
            details: [
              { field: 'message.files.0', message: 'is no file that was uploaded' },
              { field: 'message.files.1', message: 'is no file that was uploaded' },
            ],
          },
        },
      ])
    }
    const tasks = await world.deps.store.listTasks({}, { limit: 10 })
    expect(tasks.map(({ number, state }) => [number, state])).toEqual([[id, 'succeeded']])
    expect(await world.deps.store.listRuns(tasks[0]?.id ?? '')).toHaveLength(1)
    const none = { agent_id: agentNumber, message: { content: 'say hi', files: [] } }
    expect((await call('POST', '/v1/chat/tasks', none)).statusCode).toBe(202)
  })

  test('lets a connector context go unwritten', async () => {
    const { call, agentNumber, coreTask, world } = await open()
    const body = {
      agent_id: agentNumber,
      message: { content: 'say hi' },
      connector_runtime_context: [{ token: 'very-secret-9c1' }],
    }
    const id = (await call('POST', '/v1/chat/tasks', body)).json().task_id
    const snapshot = await coreTask(id)
    const events = await world.deps.store.readEvents(snapshot.task.id, 0, 100)
    expect(JSON.stringify([snapshot, events])).not.toContain('very-secret')
  })

  test('reads running also where no slot is free and the task stands in the queue', async () => {
    const { submit, read, coreTask } = await open({ started: false })
    const id = await submit('say hi')
    expect((await coreTask(id)).run.state).toBe('queued')
    expect(await read(id)).toMatchObject({ status: 'running', control_state: 'running' })
  })
})

describe('reading a task', () => {
  test('shows the running and then the completed task', async () => {
    const pushed = createPushedModels()
    const { submit, read, taskThatIs, agentNumber } = await open({ models: pushed.models })
    const id = await submit('what is 1 + 1?')
    const running = await read(id)
    expect(running).toEqual({
      task_id: id,
      agent_id: agentNumber,
      status: 'running',
      input: 'what is 1 + 1?',
      output: null,
      error: null,
      created_at: instant,
      completed_at: null,
      run_id: expect.stringMatching(/^[0-9a-f-]{36}$/u),
      state_version: expect.any(Number),
      control_state: 'running',
      metadata: {},
      pending_interaction: null,
    })
    pushed.say('2')
    pushed.end()
    const completed = await taskThatIs('completed', id)
    expect(completed).toEqual({
      ...running,
      status: 'completed',
      control_state: 'completed',
      output: '2',
      completed_at: instant,
      state_version: expect.any(Number),
    })
    expect(completed.state_version).toBeGreaterThan(running.state_version)
  })

  test('shows failed with the reason for a run that failed, was blocked or was cancelled', async () => {
    const { submit, taskThatIs, world, coreTask, caller, addAgent, addAgentCaller, call } = await open()
    const failed = await taskThatIs('failed', await submit('fail no luck today'))
    expect(failed).toMatchObject({
      output: null,
      error: expect.stringContaining('no luck today'),
      completed_at: instant,
    })
    const waiting = await submit('wait 600 seconds')
    const { task } = await coreTask(waiting)
    await world.call('POST', `/mandate/v1/tasks/${task.id}/cancel`)
    expect(await taskThatIs('failed', waiting)).toMatchObject({
      error: 'The task was cancelled.',
      completed_at: instant,
    })
    const narrow = await addAgent({ ownerId: caller.user.id, capabilities: [] })
    const bound = await addAgentCaller(narrow.id, { userId: caller.user.id })
    const body = { agent_id: narrow.number, message: { content: 'write a to b.txt' } }
    const blocked = (await call('POST', '/v1/chat/tasks', body, bound)).json().task_id
    const view = await until('the task to be blocked', async () => {
      const now = (await call('GET', `/v1/chat/tasks/${blocked}`, undefined, bound)).json()
      return now.status === 'failed' && now
    })
    expect(view).toMatchObject({ output: expect.any(String), error: expect.stringContaining('denied') })
    expect((await coreTask(blocked)).run.state).toBe('blocked')
  })

  test('shows a paused task as paused, without an end', async () => {
    const { submit, read, coreTask, world } = await open({ started: false })
    const id = await submit('say hi')
    const { task } = await coreTask(id)
    await world.call('POST', `/mandate/v1/tasks/${task.id}/stop`)
    expect(await read(id)).toMatchObject({ status: 'paused', control_state: 'paused', completed_at: null })
  })
})

describe('a further message', () => {
  test('starts the next turn: the id stays, input, output and run are the new ones', async () => {
    const { submit, append, taskThatIs, read, agentNumber } = await open()
    const id = await submit('say one', { metadata: { turn: 1 } })
    const first = await taskThatIs('completed', id)
    const answer = await append(id, 'say two', { metadata: { turn: 2 } })
    expect(answer.statusCode, answer.body).toBe(202)
    expect(answer.json()).toEqual({ task_id: id, agent_id: agentNumber, status: 'running', accepted_at: instant })
    const second = await taskThatIs('completed', id)
    expect(first).toMatchObject({ input: 'say one', output: 'one', metadata: { turn: 1 } })
    expect(second).toMatchObject({ input: 'say two', output: 'two', metadata: { turn: 2 } })
    expect(second.run_id).not.toBe(first.run_id)
    expect(second.created_at).toBe(first.created_at)
    expect((await read(id)).task_id).toBe(id)
  })

  test('shows no output of the turn before while the next one runs', async () => {
    const { submit, append, taskThatIs, read } = await open()
    const id = await submit('fail for once')
    await taskThatIs('failed', id)
    await append(id, 'wait 600 seconds')
    expect(await read(id)).toMatchObject({ status: 'running', output: null, error: null, completed_at: null })
  })

  test('is refused with 409 task_busy and a Retry-After while the task is at work, and changes nothing', async () => {
    const { submit, append, coreTask, world } = await open()
    const id = await submit('wait 600 seconds')
    const before = (await coreTask(id)).task.id
    const answer = await append(id, 'say two')
    expect(answer.statusCode).toBe(409)
    expect(answer.json().error.code).toBe('task_busy')
    expect(answer.headers['retry-after']).toBe('1')
    const events = await world.deps.store.readEvents(before, 0, 100)
    expect(events.filter(({ kind }) => kind === 'message.added')).toHaveLength(1)
  })

  test('is refused with task_busy also while the task stands in the queue', async () => {
    const { submit, append } = await open({ started: false })
    const id = await submit('say one')
    expect((await append(id, 'say two')).json().error.code).toBe('task_busy')
  })

  test('sets a paused task going again and is its input from then on', async () => {
    const { submit, append, read, taskThatIs, coreTask, world } = await open({ started: false })
    const id = await submit('say one')
    await world.call('POST', `/mandate/v1/tasks/${(await coreTask(id)).task.id}/stop`)
    expect((await append(id, 'say two')).statusCode).toBe(202)
    expect(await read(id)).toMatchObject({ status: 'running', input: 'say two' })
    await world.deps.dispatcher.start()
    expect(await taskThatIs('completed', id)).toMatchObject({ input: 'say two', output: 'two' })
  })

  test('looks for the task before it looks for the agent', async () => {
    const { submit, call, taskThatIs, agentNumber } = await open()
    const id = await submit('say one')
    await taskThatIs('completed', id)
    const body = { agent_id: agentNumber + 100, message: { content: 'say two' } }
    const codes = [999_999, id].map(async (task) => {
      const answer = await call('POST', `/v1/chat/tasks/${task}/messages`, body)
      return [answer.statusCode, answer.json().error.code]
    })
    expect(await Promise.all(codes)).toEqual([
      [404, 'task_not_found'],
      [404, 'agent_not_found'],
    ])
  })
})
