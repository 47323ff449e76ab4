import { afterEach, describe, expect, test } from 'vitest'
import { createScriptedModels } from '../../support/scripted-models.ts'
import { anyInstant, anyUuid, type Neo, openNeo } from './open-neo.ts'

let neo: Neo
const open = async (options?: Parameters<typeof openNeo>[0]) => {
  neo = await openNeo(options)
  return neo
}
afterEach(() => neo.world.close())

describe('the list', () => {
  test("holds one's own tasks only, newest first, page by page", async () => {
    const { submit, get, world } = await open({ started: false })
    const team = (await world.call('POST', '/v1/teams', { name: 'us' })).json()
    const colleague = await world.addCaller('operator', { dialect: 'neo', teamId: team.id })
    const me = await world.addCaller('operator', { dialect: 'neo', teamId: team.id })
    await submit({ task: 'theirs', visibility: 'team' }, colleague)
    const own = []
    for (const n of [1, 2, 3, 4, 5]) own.unshift((await submit({ task: `task ${n}` }, me)).id)
    const listed: string[] = []
    let cursor: string | null = ''
    for (const count of [2, 2, 1]) {
      const page: { tasks: { id: string }[]; has_more: boolean; next_cursor: string | null } = (
        await get(`/api/v1/tasks?limit=2${cursor && `&cursor=${cursor}`}`, me)
      ).json()
      expect(page.tasks).toHaveLength(count)
      expect(page.has_more).toBe(count === 2)
      listed.push(...page.tasks.map(({ id }) => id))
      cursor = page.next_cursor
    }
    expect(cursor).toBeNull()
    expect(listed).toEqual(own)
  })

  test('shows of each task what it is and how it stands', async () => {
    const { submit, get, caller } = await open({ started: false })
    const { id } = await submit({ task: 'write the report' })
    expect((await get('/api/v1/tasks')).json().tasks).toEqual([
      {
        id,
        title: 'write the report',
        status: 'queued',
        visibility: 'private',
        created_at: expect.stringMatching(anyInstant),
        updated_at: expect.stringMatching(anyInstant),
        created_by: caller.user.id,
        is_isolated: false,
        is_scheduled: false,
        model: 'demo',
        project_id: null,
        schedule_info: null,
      },
    ])
  })

  test('can be asked for one status, and for what is scheduled, which nothing is', async () => {
    const { submit, get, ended } = await open()
    const good = await submit({ task: 'say hello' })
    const bad = await submit({ task: 'fail badly' })
    await ended(good.id)
    await ended(bad.id)
    const ids = async (query: string) =>
      (await get(`/api/v1/tasks?${query}`)).json().tasks.map(({ id }: { id: string }) => id)
    expect(await ids('status=completed')).toEqual([good.id])
    expect(await ids('status=failed')).toEqual([bad.id])
    expect(await ids('status=running')).toEqual([])
    expect(await ids('scheduled=true')).toEqual([])
    expect(await ids('scheduled=false')).toEqual([bad.id, good.id])
  })

  test.each(['status=done', 'limit=0', 'limit=201', 'cursor=nonsense', 'scheduled=maybe'])(
    'asked for with %s is refused',
    async (query) => {
      const { get } = await open({ started: false })
      const answer = await get(`/api/v1/tasks?${query}`)
      expect(answer.statusCode).toBe(400)
      expect(answer.json()).toMatchObject({ code: 'validation_error', details: [{ field: query.split('=')[0] }] })
    },
  )
})

describe('a task', () => {
  test('shows its messages, its runs and where each can be watched', async () => {
    const { submit, ended, caller } = await open()
    const first = await submit({ task: 'write one two to a.txt then count the words in a.txt' })
    await ended(first.id)
    const second = await submit({ task: 'say hello', id: first.id })
    const thread = await ended(first.id)
    expect(thread).toMatchObject({
      task: { id: first.id, created_by: caller.user.id, status: 'completed', secret_names: [] },
      read_only: false,
      stream: {
        hasStream: false,
        streamId: second.stream_id,
        streamStatus: 'completed',
        run_config: { max_steps: 60 },
      },
      streamUrls: [first, second].map(({ stream_id, stream_url }) => ({
        streamId: stream_id,
        url: stream_url,
        status: 'completed',
      })),
      streams: [first, second].map(({ stream_id }) => ({
        stream_id,
        status: 'completed',
        created_at: expect.stringMatching(anyInstant),
        completed_at: expect.stringMatching(anyInstant),
        run_config: { mode: 'agent' },
      })),
    })
    expect(thread.stream.last_seq).toBeGreaterThan(10)
    expect(thread.messages).toMatchObject([
      { id: expect.stringMatching(anyUuid), role: 'user' },
      { id: first.stream_id, role: 'assistant', metadata: { status: 'completed', task_id: first.id } },
      { role: 'user', parts: [{ type: 'text', text: 'say hello' }] },
      { id: second.stream_id, role: 'assistant', parts: [{ type: 'step-start' }, { type: 'text', text: 'hello' }] },
    ])
    const calls = thread.messages[1].parts.filter(({ type }: { type: string }) => type === 'dynamic-tool')
    expect(calls).toMatchObject([
      { toolName: 'write_file', state: 'output-available', input: { path: 'a.txt', content: 'one two' } },
      { toolName: 'read_file', state: 'output-available', output: expect.stringContaining('one two') },
    ])
  })

  test('that is under way has a stream, and says so', async () => {
    const { submit, read } = await open({ started: false })
    const { id, stream_id } = await submit({ task: 'say hello' })
    expect(await read(id)).toMatchObject({
      task: { status: 'queued' },
      stream: { hasStream: true, streamId: stream_id, streamStatus: 'queued' },
      streams: [{ completed_at: null }],
    })
  })

  test('that was paused reads as suspended, one that was cancelled as aborted', async () => {
    const { submit, read, world, caller } = await open({ started: false })
    const { id } = await submit({ task: 'say hello' })
    await world.call('POST', `/mandate/v1/tasks/${id}/stop`, {}, caller)
    expect((await read(id)).task.status).toBe('suspended')
    expect((await neo.get('/api/v1/tasks?status=suspended')).json().tasks).toHaveLength(1)
    await world.call('POST', `/mandate/v1/tasks/${id}/cancel`, {}, caller)
    expect((await read(id)).stream.streamStatus).toBe('aborted')
  })

  test('that came through another API is read like any other', async () => {
    const { read, world, caller } = await open()
    const headers = { ...caller.headers, prefer: 'wait=30' }
    const body = { input: 'say hello', metadata: { project_id: 'p1' } }
    const made = await world.app.inject({ method: 'POST', url: '/mandate/v1/tasks', headers, payload: body })
    const thread = await read(made.json().id)
    expect(thread.task).toMatchObject({ title: 'say hello', project_id: 'p1', is_isolated: false })
    expect(thread.stream.run_config).toMatchObject({ mode: 'agent', agent_id: world.agent.id, max_iterations: 0 })
  })

  test("of a team is read, and not changed, by the team; a private one is nobody else's", async () => {
    const { submit, get, world } = await open({ started: false })
    const team = (await world.call('POST', '/v1/teams', { name: 'us' })).json()
    const owner = await world.addCaller('operator', { dialect: 'neo', teamId: team.id })
    const mate = await world.addCaller('operator', { dialect: 'neo', teamId: team.id })
    const stranger = await world.addCaller('operator', { dialect: 'neo' })
    const shown = await submit({ task: 'x', visibility: 'team' }, owner)
    const hidden = await submit({ task: 'x' }, owner)
    const read = await get(`/api/v1/tasks/${shown.id}`, mate)
    expect(read.json()).toMatchObject({ read_only: true, task: { id: shown.id } })
    expect((await get(`/api/v1/tasks/${shown.id}`, stranger)).statusCode).toBe(404)
    const admin = await world.addCaller('admin', { dialect: 'neo' })
    expect((await get(`/api/v1/tasks/${hidden.id}`, admin)).json()).toMatchObject({ read_only: true })
    expect((await get(`/api/v1/tasks/${hidden.id}`, mate)).statusCode).toBe(404)
  })
})

describe('a task opened to all', () => {
  const shared = (id: string) => neo.world.app.inject({ url: `/api/v1/tasks/${id}/share` })

  test.each(['public', 'unlisted'])(
    'as %s is read without a key, and tells nothing of its owner',
    async (visibility) => {
      const { submit, ended } = await open()
      const { id } = await submit({ task: 'say hello', visibility, secrets: ['TOKEN'] })
      await ended(id)
      const answer = await shared(id)
      expect(answer.statusCode).toBe(200)
      expect(answer.json()).toMatchObject({
        task: { id, title: 'say hello', status: 'completed', visibility },
        messages: [{ role: 'user' }, { role: 'assistant', parts: [{ type: 'step-start' }, { text: 'hello' }] }],
        read_only: true,
      })
      expect(Object.keys(answer.json()).sort()).toEqual(['messages', 'read_only', 'task'])
      expect(answer.body).not.toContain(neo.caller.user.id)
      expect(answer.body).not.toContain('TOKEN')
    },
  )

  test('is not there where it is private, shown to a team, or absent: all the same', async () => {
    const { submit } = await open({ started: false })
    const hidden = await Promise.all(
      ['private', 'team'].map(async (visibility) => shared((await submit({ task: 'x', visibility })).id)),
    )
    const absent = await shared('11111111-2222-4333-8444-555555555555')
    expect(absent.statusCode).toBe(404)
    expect(hidden.map(({ body }) => body)).toEqual([absent.body, absent.body])
  })

  test('cannot be changed by who reads it', async () => {
    const { submit, read, world } = await open({ started: false })
    const { id } = await submit({ task: 'x', visibility: 'public' })
    const stranger = await world.addCaller('operator', { dialect: 'neo' })
    expect((await read(id, stranger)).read_only).toBe(true)
    expect((await submit({ task: 'y', id }, stranger)).id).not.toBe(id)
  })
})

describe('what was said to a run under way', () => {
  test('stands before its answer', async () => {
    const asked = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    const hold = () => {
      asked.resolve()
      return released.promise
    }
    const { submit, ended } = await open({ models: createScriptedModels([{ text: 'Yes.', before: hold }]) })
    const { id, stream_id } = await submit({ task: 'one' })
    await asked.promise
    await submit({ task: 'two', id })
    released.resolve()
    const { messages } = await ended(id)
    expect(messages).toMatchObject([
      { role: 'user', parts: [{ text: 'one' }] },
      { role: 'user', parts: [{ text: 'two' }] },
      { role: 'assistant', id: stream_id },
    ])
    expect(messages[2].parts).toContainEqual({
      type: 'data-user-message',
      id: expect.any(String),
      data: { text: 'two' },
    })
  })
})
