import { afterEach, describe, expect, test } from 'vitest'
import { createWorld, type World, type WorldOptions } from '../../support/create-world.ts'
import { createScriptedModels } from '../../support/scripted-models.ts'

let world: World
const open = async (options: WorldOptions = {}) => {
  world = await createWorld(options)
  return world
}
afterEach(() => world.close())

/** A model that speaks when it is let. */
function heldModel() {
  const held = Promise.withResolvers<void>()
  return { models: createScriptedModels([{ text: 'done', before: () => held.promise }]), release: held.resolve }
}

describe('submitting', () => {
  test('answers 202 with the task, which can then be read by id, by number and under the mount', async () => {
    const { call } = await open()
    const created = await call('POST', '/v1/tasks', { input: 'say hello' })
    expect(created.statusCode, created.body).toBe(202)
    const task = created.json()
    expect(task).toMatchObject({ number: 1, title: 'say hello', input: 'say hello', input_sealed: false, result: null })
    expect(created.headers['location']).toBe(`http://127.0.0.1/mandate/v1/tasks/${task.id}`)
    const ended = await call('GET', `/v1/tasks/${task.id}?wait=20`)
    expect(ended.json()).toMatchObject({ id: task.id, state: 'succeeded', result: 'hello', error: null })
    expect((await call('GET', '/v1/tasks/1')).json()).toEqual(ended.json())
    expect((await call('GET', `/mandate/v1/tasks/${task.id}`)).json()).toEqual(ended.json())
  })

  test('with Prefer: wait answers 200 once the task has ended', async () => {
    const { app, admin } = await open()
    const headers = { ...admin.headers, prefer: 'wait=30' }
    const answer = await app.inject({ method: 'POST', url: '/v1/tasks', headers, payload: { input: 'say hello' } })
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['preference-applied']).toBe('wait=30')
    expect(answer.json()).toMatchObject({ state: 'succeeded', result: 'hello', last_seq: expect.any(Number) })
  })

  test('with Prefer: wait=0 answers 202 at once', async () => {
    const { models, release } = heldModel()
    const { app, admin } = await open({ models })
    const headers = { ...admin.headers, prefer: 'wait=0' }
    const answer = await app.inject({ method: 'POST', url: '/v1/tasks', headers, payload: { input: 'x' } })
    expect(answer.statusCode).toBe(202)
    expect(answer.json()).toMatchObject({ state: 'running', result: null, ended_at: null })
    release()
  })

  test('keeps everything that was asked for', async () => {
    const { call, agent } = await open({ started: false })
    const metadata = { ticket: 'T-1', nested: { deep: [1, null, 'é'] } }
    const body = {
      input: 'say hello',
      agent_id: agent.id,
      model: 'demo',
      priority: 9,
      timeout_seconds: 12.5,
      max_steps: 3,
      not_before: '2030-01-01T01:00:00+01:00',
      metadata,
      visibility: 'team',
      title: 'A greeting',
    }
    const task = (await call('POST', '/v1/tasks', body)).json()
    expect(task).toMatchObject({
      state: 'queued',
      title: 'A greeting',
      priority: 9,
      metadata,
      visibility: 'team',
      agent_id: agent.id,
      dialect: 'native',
      parent_id: null,
      started_at: null,
      run: {
        turn: 1,
        attempt: 0,
        place: 'cloud:default',
        model: 'demo',
        model_name: 'demo',
        provider: 'demo',
        max_steps: 3,
        timeout_seconds: 12.5,
        not_before: '2030-01-01T00:00:00.000Z',
      },
    })
    expect((await call('GET', `/v1/tasks/${task.id}`)).json()).toEqual(task)
  })

  test('keeps odd text as it is', async () => {
    const { call } = await open({ started: false })
    for (const input of ['\u0000 nul', '😀 𝒳 ﷽', ' ', 'a'.repeat(100_000), '"\\\n\r\t\u2028']) {
      const { id } = (await call('POST', '/v1/tasks', { input })).json()
      expect((await call('GET', `/v1/tasks/${id}`)).json().input).toBe(input)
    }
  })
})

describe('an Idempotency-Key', () => {
  const submit = (body: object, key: string, caller = world.admin) =>
    world.app.inject({
      method: 'POST',
      url: '/v1/tasks',
      headers: { ...caller.headers, 'idempotency-key': key },
      payload: body,
    })

  test('gives the same task to the same body, however it is written', async () => {
    await open({ started: false })
    const first = await submit({ input: 'x', priority: 3 }, 'k1')
    const again = await submit({ priority: 3, input: 'x' }, 'k1')
    expect(first.headers['idempotent-replayed']).toBeUndefined()
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect(again.json().id).toBe(first.json().id)
    expect((await world.call('GET', '/v1/tasks')).json().tasks).toHaveLength(1)
  })

  test('is refused with another body', async () => {
    await open({ started: false })
    await submit({ input: 'x' }, 'k1')
    const other = await submit({ input: 'y' }, 'k1')
    expect([other.statusCode, other.json().code]).toEqual([422, 'idempotency_mismatch'])
  })

  test('lets one of two requests at once through', async () => {
    await open({ started: false })
    const both = await Promise.all([submit({ input: 'x' }, 'k1'), submit({ input: 'x' }, 'k1')])
    expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([202, 409])
    const refused = both.find(({ statusCode }) => statusCode === 409)
    expect(refused?.json().code).toBe('idempotency_in_progress')
    expect(refused?.headers['retry-after']).toBe('1')
  })

  test('belongs to its user', async () => {
    await open({ started: false })
    const other = await world.addCaller('operator')
    const mine = await submit({ input: 'x' }, 'k1')
    const theirs = await submit({ input: 'x' }, 'k1', other)
    expect(theirs.statusCode).toBe(202)
    expect(theirs.json().id).not.toBe(mine.json().id)
  })

  test('of a refused request can be used again', async () => {
    await open({ started: false })
    const refused = await submit({ input: 'x', agent_id: world.deps.randomness.newId() }, 'k1')
    expect(refused.statusCode).toBe(404)
    expect((await submit({ input: 'x' }, 'k1')).statusCode).toBe(202)
  })

  test('that is no plain text is refused', async () => {
    await open({ started: false })
    for (const key of ['a b', 'x'.repeat(256)]) {
      const answer = await submit({ input: 'x' }, key)
      expect([answer.statusCode, answer.json().errors[0].field]).toEqual([422, 'Idempotency-Key'])
    }
  })
})

describe('a further message', () => {
  test('on an ended task starts a new run, and the task counts both', async () => {
    const { runTask, app, admin, readEvents } = await open()
    const first = await runTask({ input: 'say one' })
    const headers = { ...admin.headers, prefer: 'wait=30' }
    const url = `/v1/tasks/${first.id}/messages`
    const answer = await app.inject({ method: 'POST', url, headers, payload: { input: 'say two two', priority: 8 } })
    const second = answer.json()
    expect(second).toMatchObject({
      id: first.id,
      input: 'say two two',
      result: 'two two',
      state: 'succeeded',
      priority: 8,
    })
    expect(second.run).toMatchObject({ turn: 2, usage: { output_tokens: 2 } })
    expect(second.usage.output_tokens).toBe(3)
    const seqs = (await readEvents(first.id)).map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.map((_, at) => at + 1))
  })

  test('on a running task is given to it', async () => {
    const { models, release } = heldModel()
    const { call, readEvents } = await open({ models })
    const { id } = (await call('POST', '/v1/tasks', { input: 'x' })).json()
    const answer = await call('POST', `/v1/tasks/${id}/messages`, { input: 'and y' })
    expect(answer.json()).toMatchObject({ state: 'running', input: 'x', run: { turn: 1 } })
    release()
    await call('GET', `/v1/tasks/${id}?wait=30`)
    const messages = (await readEvents(id)).filter(({ type }) => type === 'message.added')
    expect(messages.map(({ data }) => data)).toEqual([
      { role: 'user', message: 'x' },
      { role: 'user', message: 'and y' },
    ])
  })
})

describe('steering', () => {
  test('stop pauses, resume requeues, cancel ends for good', async () => {
    const { call } = await open({ started: false })
    const { id } = (await call('POST', '/v1/tasks', { input: 'say x' })).json()
    const at = async (verb: string) => {
      const answer = await call('POST', `/v1/tasks/${id}/${verb}`)
      return [answer.statusCode, answer.json().state ?? answer.json().code]
    }
    expect(await at('resume')).toEqual([409, 'move_refused'])
    expect(await at('stop')).toEqual([200, 'paused'])
    expect(await at('stop')).toEqual([200, 'paused'])
    expect(await at('resume')).toEqual([200, 'queued'])
    expect(await at('cancel')).toEqual([200, 'cancelled'])
    expect(await at('cancel')).toEqual([409, 'run_settled'])
    expect(await at('stop')).toEqual([409, 'run_settled'])
    expect(await at('resume')).toEqual([409, 'run_settled'])
  })

  test('takes an empty body and refuses what it would ignore', async () => {
    const { call } = await open({ started: false })
    const { id } = (await call('POST', '/v1/tasks', { input: 'say x' })).json()
    expect((await call('POST', `/v1/tasks/${id}/stop`, {})).statusCode).toBe(200)
    const answer = await call('POST', `/v1/tasks/${id}/resume`, { force: true })
    expect(answer.json()).toMatchObject({ code: 'invalid_input', errors: [{ field: 'force' }] })
  })
})

describe('files', () => {
  test('come with a message, are worked on, and are listed and handed out as they are', async () => {
    const { runTask, call } = await open()
    const binary = Buffer.from([0, 255, 128, 10])
    const files = [
      { path: 'in/a b.txt', content: 'one two three' },
      { path: 'raw.bin', content_base64: binary.toString('base64') },
    ]
    const input = 'count the words in in/a b.txt then write hello to out/ünï.txt'
    const task = await runTask({ input, files })
    expect(task.state, JSON.stringify(task.error)).toBe('succeeded')
    const listed = (await call('GET', `/v1/tasks/${task.id}/files`)).json().files
    expect(listed.map(({ path }: { path: string }) => path)).toEqual(['in/a b.txt', 'out/ünï.txt', 'raw.bin'])
    expect(listed[2]).toEqual({ path: 'raw.bin', bytes: 4, digest: expect.stringMatching(/^sha256:/) })
    const raw = await call('GET', `/v1/tasks/${task.id}/files/raw.bin`)
    expect(raw.rawPayload).toEqual(binary)
    expect(raw.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      'content-disposition': `attachment; filename="raw.bin"; filename*=UTF-8''raw.bin`,
    })
    const named = await call('GET', `/v1/tasks/${task.id}/files/out/${encodeURIComponent('ünï.txt')}`)
    expect(named.body).toBe('hello')
    expect(named.headers['content-disposition']).toBe(
      `attachment; filename="_n_.txt"; filename*=UTF-8''%C3%BCn%C3%AF.txt`,
    )
  })

  test('that are not there, or would lie outside, are not found', async () => {
    const { runTask, call } = await open()
    const { id } = await runTask({ input: 'write x to a.txt' })
    for (const path of ['b.txt', '..%2f..%2fetc%2fpasswd', 'a.txt/b']) {
      const answer = await call('GET', `/v1/tasks/${id}/files/${path}`)
      expect([path, answer.statusCode, answer.json().code]).toEqual([path, 404, 'file_not_found'])
    }
  })

  test.each([
    [{ path: 'a', content: 'x', content_base64: 'eA==' }, 'files.0'],
    [{ path: 'a' }, 'files.0'],
    [{ path: '../a', content: 'x' }, 'files'],
    [{ path: '/a', content: 'x' }, 'files'],
    [{ path: 'a', content_base64: '§' }, 'files.0.content_base64'],
    [{ path: '', content: 'x' }, 'files.0.path'],
  ])('like %j are refused, naming %s', async (file, field) => {
    const { call } = await open({ started: false })
    const answer = await call('POST', '/v1/tasks', { input: 'x', files: [file] })
    expect([answer.statusCode, answer.json().code, answer.json().errors[0].field]).toEqual([
      422,
      'invalid_input',
      field,
    ])
  })
})

describe('sealed input', () => {
  test('is kept and handed out, and shown nowhere as text', async () => {
    const { call, readEvents } = await open()
    const sealed = {
      sealed: true as const,
      media_type: 'application/x-sealed',
      base64: Buffer.from('ciphertext').toString('base64'),
    }
    const task = (await call('POST', '/v1/tasks', { input: sealed })).json()
    expect(task).toMatchObject({ title: '[sealed content]', input: null, input_sealed: true })
    await call('GET', `/v1/tasks/${task.id}?wait=20`)
    expect((await call('GET', `/v1/tasks/${task.id}`)).json()).toMatchObject({ input: null, input_sealed: true })
    const [, added] = await readEvents(task.id)
    expect(added).toMatchObject({ type: 'message.added', data: { message: sealed } })
    expect(JSON.stringify((await call('GET', '/v1/tasks')).json())).not.toContain('ciphertext')
  })
})
