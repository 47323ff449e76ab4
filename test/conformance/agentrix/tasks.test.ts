import { afterEach, describe, expect, test } from 'vitest'
import { type AgentrixWorld, openAgentrix } from './open-agentrix.ts'

let world: AgentrixWorld
const open = async (started = true) => {
  world = await openAgentrix({ started })
  return world
}
afterEach(() => world.close())

describe('reading tasks', () => {
  test('a task is pending, running and completed as its run goes, and then has its result', async () => {
    const { start, call, reaches, deps } = await open(false)
    const { taskId, ...started } = await start('say hello')
    const pending = (await call('GET', `/v1/tasks/${taskId}`)).json()
    expect(pending).toMatchObject({ ...started, taskId, state: 'pending', result: null, error: null })
    expect(pending).toMatchObject({ parentTaskId: null, rootTaskId: taskId, repositorySourceType: 'temporary' })
    await deps.dispatcher.start()
    expect(await reaches(taskId, 'completed')).toMatchObject({ result: 'hello', error: null, title: 'say hello' })
  })

  test('a task that fails says why', async () => {
    const { start, reaches } = await open()
    const { taskId } = await start('fail for a reason')
    expect(await reaches(taskId, 'failed')).toMatchObject({
      result: null,
      error: { code: expect.any(String), message: expect.stringContaining('a reason') },
    })
  })

  test('the list holds the tasks that the caller started in chats, newest first, in pages', async () => {
    const { start, call, callAs, addCaller, runNative } = await open(false)
    const first = await start('say one')
    const second = await start('say two', { customTitle: 'Two' })
    await world.deps.dispatcher.start()
    await runNative('say native')
    const all = (await call('GET', '/v1/tasks')).json()
    expect(all).toMatchObject({ hasMore: false, nextCursor: null })
    expect(all.tasks.map(({ taskId }: { taskId: string }) => taskId)).toEqual([second.taskId, first.taskId])
    const page = (await call('GET', '/v1/tasks?limit=1')).json()
    expect(page).toMatchObject({ tasks: [{ taskId: second.taskId, customTitle: 'Two' }], hasMore: true })
    const next = (await call('GET', `/v1/tasks?limit=1&cursor=${page.nextCursor}`)).json()
    expect(next).toMatchObject({ tasks: [{ taskId: first.taskId }], hasMore: false, nextCursor: null })
    const other = callAs(await addCaller('operator', { dialect: 'agentrix' }))
    expect((await other('GET', '/v1/tasks')).json()).toEqual({ tasks: [], hasMore: false, nextCursor: null })
  })

  test.each(['limit=0', 'limit=101', 'limit=x', 'cursor=x'])('a list with %s is 400', async (query) => {
    const { call } = await open(false)
    const answer = await call('GET', `/v1/tasks?${query}`)
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'INVALID_REQUEST'])
  })

  test('a task of others is byte by byte like one that is not there, whatever is asked of it', async () => {
    const { start, call, callAs, addCaller, runNative } = await open()
    const { taskId } = await start('say hello')
    const native = await runNative('say native')
    const other = callAs(await addCaller('operator', { dialect: 'agentrix' }))
    const paths = [
      ['GET', (id: string) => `/v1/tasks/${id}`],
      ['POST', (id: string) => `/v1/tasks/${id}/cancel`],
      ['POST', (id: string) => `/v1/tasks/${id}/stop`],
      ['POST', (id: string) => `/v1/tasks/${id}/resume`],
      ['POST', (id: string) => `/v1/agentrix/tasks/${id}/share`],
      ['GET', (id: string) => `/v1/tasks/${id}/events`],
      ['GET', (id: string) => `/v1/tasks/${id}/events/meta`],
    ] as const
    for (const [method, path] of paths) {
      const absent = await other(method, path('task-00000000-0000-7000-8000-000000000000'))
      expect([absent.statusCode, absent.json().code], path('…')).toEqual([404, 'TASK_NOT_FOUND'])
      for (const id of [taskId, `task-${native}`, 'x']) {
        // One's own that was not started in a chat is no task here.
        const answer = await (id === taskId ? other : call)(method, path(id))
        expect([answer.statusCode, answer.body], path(id)).toEqual([404, absent.body])
      }
    }
  })
})

describe('steering tasks', () => {
  test('stop pauses a task, and resume lets it go on to its end', async () => {
    const { start, call, reaches, deps } = await open(false)
    const { taskId } = await start('say hello')
    const stopped = await call('POST', `/v1/tasks/${taskId}/stop`)
    expect([stopped.statusCode, stopped.json()]).toEqual([200, expect.objectContaining({ taskId, state: 'paused' })])
    expect((await call('POST', `/v1/tasks/${taskId}/stop`)).json()).toMatchObject({ state: 'paused' })
    const resumed = await call('POST', `/v1/tasks/${taskId}/resume`)
    expect([resumed.statusCode, resumed.json()]).toEqual([200, expect.objectContaining({ taskId, state: 'pending' })])
    await deps.dispatcher.start()
    expect(await reaches(taskId, 'completed')).toMatchObject({ result: 'hello' })
  })

  test('stop lets a running task reach its next boundary, where it is paused', async () => {
    const { start, call, reaches } = await open()
    const { taskId } = await start('wait 1 seconds then write x to a.txt then say hello')
    await reaches(taskId, 'running')
    const stopping = await call('POST', `/v1/tasks/${taskId}/stop`)
    expect([stopping.statusCode, stopping.json()]).toMatchObject([200, { state: 'running' }])
    expect(stopping.json().stopRequestedAt).toMatch(/^\d{4}-.*Z$/u)
    await reaches(taskId, 'paused')
    expect((await call('GET', `/v1/tasks/${taskId}`)).json().stopRequestedAt).toBeNull()
    const cancelled = await call('POST', `/v1/tasks/${taskId}/cancel`)
    expect([cancelled.statusCode, cancelled.json()]).toMatchObject([200, { state: 'cancelled', stopRequestedAt: null }])
  })

  test('cancel ends a running task for good, and asking again answers the same', async () => {
    const { start, call, reaches } = await open()
    const { taskId } = await start('wait 60 seconds')
    await reaches(taskId, 'running')
    const cancelled = await call('POST', `/v1/tasks/${taskId}/cancel`)
    expect([cancelled.statusCode, cancelled.json()]).toMatchObject([200, { taskId, state: 'cancelled' }])
    const again = await call('POST', `/v1/tasks/${taskId}/cancel`)
    expect([again.statusCode, again.json()]).toEqual([200, cancelled.json()])
    for (const verb of ['stop', 'resume']) {
      const answer = await call('POST', `/v1/tasks/${taskId}/${verb}`)
      expect([answer.statusCode, answer.json()]).toMatchObject([409, { code: 'TASK_ENDED', error: 'conflict' }])
    }
  })

  test('resume of a task that is not paused is 409, and so is any move of one that has completed', async () => {
    const { start, call, reaches, deps } = await open(false)
    const { taskId } = await start('say hello')
    const early = await call('POST', `/v1/tasks/${taskId}/resume`)
    expect([early.statusCode, early.json()]).toMatchObject([409, { code: 'INVALID_STATE', error: 'conflict' }])
    await deps.dispatcher.start()
    await reaches(taskId, 'completed')
    for (const verb of ['cancel', 'stop', 'resume']) {
      const answer = await call('POST', `/v1/tasks/${taskId}/${verb}`)
      expect([answer.statusCode, answer.json().code], verb).toEqual([409, 'TASK_ENDED'])
    }
  })

  test('a move and a share take no body, an empty one and one that says nothing', async () => {
    const { start, app, caller } = await open(false)
    const { taskId } = await start('say hello')
    const paths = ['stop', 'resume', 'cancel'].map((verb) => `/v1/tasks/${taskId}/${verb}`)
    const headers = { ...caller.headers, 'content-type': 'application/json' }
    for (const url of [...paths, `/v1/agentrix/tasks/${taskId}/share`]) {
      const empty = await app.inject({ method: 'POST', url, headers, payload: '' })
      expect(empty.statusCode, empty.body).toBe(url.endsWith('share') ? 201 : 200)
    }
    const nothing = await app.inject({ method: 'POST', url: `/v1/tasks/${taskId}/cancel`, headers, payload: '{}' })
    expect(nothing.statusCode).toBe(200)
  })

  test('who may only read a task is told so', async () => {
    const { start, call, addCaller, callAs } = await open(false)
    const { taskId } = await start('say hello')
    const auditor = callAs(await addCaller('auditor', { dialect: 'agentrix' }))
    expect((await auditor('GET', `/v1/tasks/${taskId}`)).statusCode).toBe(200)
    for (const path of [`/v1/tasks/${taskId}/cancel`, `/v1/agentrix/tasks/${taskId}/share`]) {
      const answer = await auditor('POST', path)
      expect([answer.statusCode, answer.json()]).toMatchObject([403, { code: 'FORBIDDEN', error: 'forbidden' }])
    }
    expect((await call('GET', `/v1/tasks/${taskId}`)).json()).toMatchObject({ state: 'pending' })
  })
})
