import { afterEach, describe, expect, test } from 'vitest'
import { neoModels } from '../../../src/api/dialects/neo/contract/create-task.ts'
import { builtInCatalogue } from '../../../src/model/catalogue.ts'
import { createScriptedModels } from '../../support/scripted-models.ts'
import { anyUuid, chunksOf, type Neo, openNeo, saidIn } from './open-neo.ts'

let neo: Neo
const open = async (options?: Parameters<typeof openNeo>[0]) => {
  neo = await openNeo(options)
  return neo
}
afterEach(() => neo.world.close())

const freeId = '11111111-2222-4333-8444-555555555555'

describe('the answer', () => {
  test('is a stream of server-sent events where no format is asked for', async () => {
    const { create } = await open()
    const answer = await create({ task: 'say hello' })
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toMatch(/^text\/event-stream/u)
    expect(answer.headers['x-vercel-ai-ui-message-stream']).toBe('v1')
    expect(answer.headers['cache-control']).toContain('no-cache')
    const chunks = chunksOf(answer.body)
    expect(chunks[0]).toMatchObject({ type: 'start', messageMetadata: { task_id: expect.stringMatching(anyUuid) } })
    expect(chunks.at(-1)).toMatchObject({ type: 'finish', messageMetadata: { status: 'completed' } })
    expect(saidIn(answer.body)).toBe('hello')
  })

  test('is 202 with the id and the status of the task where JSON is asked for', async () => {
    const { create, get } = await open()
    const answer = await create({ task: 'say hello', response_format: 'json' })
    expect(answer.statusCode).toBe(202)
    expect(answer.headers['content-type']).toMatch(/^application\/json/u)
    const body = answer.json()
    expect(body).toEqual({
      id: expect.stringMatching(anyUuid),
      status: expect.stringMatching(/^(queued|running)$/u),
      stream_id: expect.stringMatching(anyUuid),
      stream_url: `http://127.0.0.1/api/v1/tasks/${body.id}/streams/${body.stream_id}`,
    })
    expect(answer.headers['location']).toBe(`http://127.0.0.1/api/v1/tasks/${body.id}`)
    expect((await get(`/api/v1/tasks/${body.id}`)).statusCode).toBe(200)
  })

  test('is JSON for Accept: application/json, unless response_format says otherwise', async () => {
    const { create } = await open()
    const accept = { accept: 'application/json' }
    expect((await create({ task: 'say hello' }, accept)).statusCode).toBe(202)
    const forced = await create({ task: 'say hello', response_format: 'sse' }, accept)
    expect(forced.headers['content-type']).toMatch(/^text\/event-stream/u)
    const json = await create({ task: 'say hello', response_format: 'json' }, { accept: 'text/event-stream' })
    expect(json.statusCode).toBe(202)
  })

  test('is the same under the mount, with addresses that lie under it', async () => {
    const { world, caller } = await open()
    const answer = await world.app.inject({
      method: 'POST',
      url: '/neo/api/v1/tasks',
      headers: caller.headers,
      payload: { task: 'say hello', response_format: 'json' },
    })
    expect(answer.statusCode).toBe(202)
    const { id, stream_url } = answer.json()
    expect(answer.headers['location']).toBe(`http://127.0.0.1/neo/api/v1/tasks/${id}`)
    expect(stream_url).toContain(`/neo/api/v1/tasks/${id}/streams/`)
    const stream = await world.app.inject({ url: new URL(stream_url).pathname, headers: caller.headers })
    expect(saidIn(stream.body)).toBe('hello')
  })

  test('to a stream that finds no place comes before a task is made', async () => {
    const { create, get } = await open({ limits: { streams_max: 1 } })
    const place = await neo.world.listen()
    const held = await fetch(`${place}/api/v1/tasks`, {
      method: 'POST',
      headers: { ...neo.caller.headers, 'content-type': 'application/json' },
      body: JSON.stringify({ task: 'wait 60 seconds' }),
    })
    const refused = await create({ task: 'say hello' })
    expect(refused.statusCode).toBe(429)
    expect(refused.json()).toMatchObject({ code: 'limit_exceeded', limit: 'streams_max' })
    expect((await get('/api/v1/tasks')).json().tasks).toHaveLength(1)
    await held.body?.cancel()
  })
})

describe('the id', () => {
  test('that was left out or is no UUID is made by the server', async () => {
    const { submit } = await open({ started: false })
    const seen = new Set<string>()
    for (const id of [undefined, '', 'my-task', 7, null, {}, [freeId], `${freeId}0`]) {
      const answer = await submit({ task: 'x', ...(id !== undefined && { id }) })
      expect(answer.id).toMatch(anyUuid)
      seen.add(answer.id)
    }
    expect(seen.size).toBe(8)
  })

  test('that is free becomes the id of the new task', async () => {
    const { submit, read } = await open({ started: false })
    expect((await submit({ task: 'x', id: freeId.toUpperCase() })).id).toBe(freeId)
    expect((await read(freeId)).task.id).toBe(freeId)
  })

  test("that is one's own continues the task with a further run, which knows what was said before", async () => {
    const models = createScriptedModels([{ text: 'First.' }, { text: 'Second.' }])
    const { submit, ended } = await open({ models })
    const first = await submit({ task: 'one' })
    await ended(first.id)
    const second = await submit({ task: 'two', id: first.id })
    expect(second.id).toBe(first.id)
    expect(second.stream_id).not.toBe(first.stream_id)
    const thread = await ended(first.id)
    expect(thread.streams.map((stream: { stream_id: string }) => stream.stream_id)).toEqual([
      first.stream_id,
      second.stream_id,
    ])
    expect(models.calls[1]?.messages.map((message) => ('text' in message ? message.text : ''))).toEqual([
      'one',
      'First.',
      'two',
    ])
  })

  test("that is another user's is replaced by a new one, and their task stays as it was", async () => {
    const { submit, read, world, caller } = await open({ started: false })
    const other = await world.addCaller('operator', { dialect: 'neo' })
    const theirs = await submit({ task: 'theirs', visibility: 'public' }, other)
    const before = await read(theirs.id, other)
    const mine = await submit({ task: 'mine', id: theirs.id })
    expect(mine.id).not.toBe(theirs.id)
    expect((await read(mine.id)).task).toMatchObject({ created_by: caller.user.id, title: 'mine' })
    expect(await read(theirs.id, other)).toEqual(before)
  })

  test('that several requests name at once makes one task, which all of them reach', async () => {
    const { submit, read } = await open({ started: false })
    const answers = await Promise.all([1, 2, 3, 4].map((n) => submit({ task: `message ${n}`, id: freeId })))
    expect(new Set(answers.map(({ id }) => id))).toEqual(new Set([freeId]))
    const { messages } = await read(freeId)
    const said = messages.flatMap(({ role, parts }: { role: string; parts: { text: string }[] }) =>
      role === 'user' ? parts.map(({ text }) => text) : [],
    )
    expect(said.sort()).toEqual(['message 1', 'message 2', 'message 3', 'message 4'])
  })

  test('of a task whose run is under way gives the message to that run, and streams the rest of it', async () => {
    const asked = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    const hold = () => {
      asked.resolve()
      return released.promise
    }
    const models = createScriptedModels([{ text: 'Working.', before: hold }, { text: 'And done.' }])
    const { submit, create, ended, journaled } = await open({ models })
    const first = await submit({ task: 'one' })
    await asked.promise
    const joined = create({ task: 'two', id: first.id })
    await journaled(first.id, 'message.added', 2)
    released.resolve()
    const answer = await joined
    const [start, ...rest] = chunksOf(answer.body)
    expect(start).toMatchObject({ type: 'start', messageMetadata: { task_id: first.id, stream_id: first.stream_id } })
    expect(rest.at(-1)).toMatchObject({ type: 'finish' })
    expect(saidIn(answer.body)).toContain('And done.')
    const thread = await ended(first.id)
    expect(thread.streams).toHaveLength(1)
    expect(models.calls.at(-1)?.messages.at(-1)).toMatchObject({ role: 'user', text: 'two' })
  })

  test('with a field that would change what belongs to the task is refused, and with the same values is not', async () => {
    const { submit, create, world } = await open({ started: false })
    const fixed = { agent_id: world.agent.id, project_id: 'p1', visibility: 'team', isolated: true }
    const { id } = await submit({ task: 'x', ...fixed })
    await submit({ task: 'y', id, ...fixed })
    const other = { agent_id: 'another', project_id: 'p2', visibility: 'public', isolated: false }
    for (const [field, value] of Object.entries(other)) {
      const refused = await create({ task: 'z', id, [field]: value, response_format: 'json' })
      expect(refused.statusCode).toBe(400)
      expect(refused.json().details).toEqual([{ field, message: expect.stringContaining('must be left out') }])
    }
  })

  test('of a run under way cannot be given files', async () => {
    const { submit, create } = await open({ started: false })
    const { id } = await submit({ task: 'x' })
    const refused = await create({ task: 'y', id, file_keys: ['a'], response_format: 'json' })
    expect(refused.statusCode).toBe(409)
    expect(refused.json()).toMatchObject({ code: 'task_busy', kind: 'conflict' })
  })
})

describe('what is to be done', () => {
  const saidOf = async (body: object) => {
    const { id } = await neo.submit(body)
    return (await neo.read(id)).messages[0]
  }

  test('is the parts of the message before task, and task where there are none', async () => {
    await open({ started: false })
    const part = { type: 'text', text: 'from the parts' }
    expect(await saidOf({ message: { role: 'user', parts: [part] }, task: 'from task' })).toMatchObject({
      parts: [part],
    })
    expect(await saidOf({ task: 'from task' })).toMatchObject({ parts: [{ type: 'text', text: 'from task' }] })
    expect(await saidOf({ message: { parts: [] }, task: 'from task' })).toMatchObject({
      parts: [{ type: 'text', text: 'from task' }],
    })
  })

  test("keeps the message's id, joins its texts, and shows the files it names", async () => {
    await open({ started: false })
    const file = { type: 'file', media_type: 'image/png', name: 'a.png', url: 'https://files.example/a.png' }
    const parts = [{ type: 'text', text: 'one' }, file, { type: 'text', text: 'two' }]
    const message = await saidOf({ message: { id: freeId, role: 'user', parts } })
    expect(message).toMatchObject({ id: freeId, role: 'user', parts: [{ type: 'text', text: 'one\n\ntwo' }, file] })
  })

  test("is the user's last message where the AI SDK's transport sends the whole chat", async () => {
    await open({ started: false })
    const chat = [
      { id: 'm1', role: 'user', parts: [{ type: 'text', text: 'before' }] },
      { id: 'm2', role: 'assistant', parts: [{ type: 'step-start' }, { type: 'text', text: 'yes' }] },
      { id: 'm3', role: 'user', parts: [{ type: 'text', text: 'now' }], metadata: { any: 1 } },
    ]
    const message = await saidOf({ id: freeId, messages: chat, trigger: 'submit-message' })
    expect(message).toMatchObject({ id: 'm3', parts: [{ type: 'text', text: 'now' }] })
  })

  test('has to be said', async () => {
    const { create } = await open({ started: false })
    const silent = [
      {},
      { task: ' \n' },
      { message: { parts: [{ type: 'text', text: '' }] }, task: 'unread' },
      { messages: [] },
    ]
    for (const body of silent) {
      const refused = await create(body)
      expect(refused.statusCode, JSON.stringify(body)).toBe(400)
      expect(refused.json()).toMatchObject({ code: 'validation_error', details: [{ message: expect.any(String) }] })
    }
  })
})

describe('the model', () => {
  /** A key for each provider there is. */
  const keys = Object.fromEntries(
    builtInCatalogue.providers.flatMap(({ keyVariable }) => (keyVariable === null ? [] : [[keyVariable, 'key']])),
  )

  test('may be each of the eighteen names, which the task then shows', async () => {
    const { submit, read } = await open({ started: false, env: keys })
    expect(neoModels).toHaveLength(18)
    for (const model of neoModels) {
      const { id } = await submit({ task: 'x', model })
      const shown = (await read(id)).stream.run_config.model
      if (model === 'auto') expect(shown).not.toBe('auto')
      else expect(shown).toBe(model)
    }
  })

  test('left out or empty is the default of the user, then of the team, then of the server', async () => {
    const { submit, read, world, caller } = await open({ started: false, env: keys })
    const modelOf = async (model?: string) =>
      (await read((await submit({ task: 'x', ...(model !== undefined && { model }) })).id)).task.model
    const server = await modelOf()
    expect(await modelOf('')).toBe(server)
    const team = await world.call('POST', '/v1/teams', { name: 'us', default_model: 'glm-5' })
    await world.call('PATCH', `/v1/users/${caller.user.id}`, { team_id: team.json().id })
    expect(await modelOf('')).toBe('glm-5')
    await world.call('PATCH', `/v1/users/${caller.user.id}`, { default_model: 'kimi-k2.6' })
    expect(await modelOf()).toBe('kimi-k2.6')
    expect(await modelOf('auto')).toBe('kimi-k2.6')
    expect(await modelOf('glm-5.1')).toBe('glm-5.1')
  })

  test('of another name, or that has no key on this server, is refused', async () => {
    const { create } = await open({ started: false })
    const unknown = await create({ task: 'x', model: 'gpt-3' })
    expect(unknown.statusCode).toBe(400)
    expect(unknown.json()).toMatchObject({ code: 'validation_error', details: [{ field: 'model' }] })
    const keyless = await create({ task: 'x', model: 'opus-4.8' })
    expect(keyless.statusCode).toBe(400)
    expect(keyless.json()).toMatchObject({ code: 'model_unavailable', error_id: 'model_key_missing' })
  })
})
