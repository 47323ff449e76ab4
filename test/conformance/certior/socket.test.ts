import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createFakeClock } from '../../../src/clock/fake/create-fake-clock.ts'
import { createPushedModels } from '../../support/pushed-models.ts'
import { until } from '../../support/until.ts'
import { type Certior, openCertior } from './open-certior.ts'

let certior: Certior
let address = ''
const sockets: WebSocket[] = []
const open = async (options?: Parameters<typeof openCertior>[0]) => {
  certior = await openCertior(options)
  address = (await certior.world.listen()).replace(/^http/u, 'ws')
  return certior
}
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate()
  await certior.world.close()
})

interface Frame {
  execution_id: string
  status: string
  data: Record<string, unknown> & { type: string; seq: number }
  timestamp: number
}

/** A socket whose messages are gathered; `status` is set where the server refused to open it. */
function watch(url: string, headers: Record<string, string> = certior.caller.headers) {
  const socket = new WebSocket(url, { headers })
  sockets.push(socket)
  const messages: unknown[] = []
  let refusal: { status: number; body: string } | undefined
  socket.on('message', (text) => messages.push(JSON.parse(String(text))))
  socket.on('error', () => undefined)
  socket.on('unexpected-response', async (_request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk)
    refusal = { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }
    socket.terminate()
  })
  const closed = once(socket, 'close').then(([code]) => Number(code))
  closed.catch(() => undefined)
  return {
    socket,
    messages,
    frames: messages as Frame[],
    closed,
    opened: () => until('the socket to open', () => socket.readyState === WebSocket.OPEN),
    refused: () => until('a refusal', () => refusal),
  }
}

const urlOf = (id: string, query = '') => `${address}/ws/executions/${id}${query}`
const busy = 'write one two to a.txt then count the words in a.txt then fetch https://example.com/'

describe('the WebSocket of an execution', () => {
  test('replays everything from the first event once it has ended, and closes', async () => {
    const { submit, executionThatIs, caller } = await open()
    const created = (await certior.call('POST', '/api/v1/tasks', { task: busy, permissions: ['filesystem:*'] })).json()
    const id = created.execution_id
    await executionThatIs('blocked', id)
    const { frames, closed } = watch(created.websocket_url, caller.headers)
    expect(await closed).toBe(1000)
    expect(frames.map(({ data }) => data.seq)).toEqual(frames.map((_, at) => at + 1))
    for (const { execution_id, status, data, timestamp } of frames) {
      expect(execution_id).toBe(id)
      expect(data).toMatchObject({ status, step: expect.any(Number) })
      expect(timestamp).toBeGreaterThan(1e9)
      expect(timestamp).toBeLessThan(1e11)
    }
    expect(frames.slice(0, 3).map(({ status }) => status)).toEqual(['created', 'created', 'queued'])
    expect(frames[1]?.data['task']).toBe(busy)
    expect(frames.at(-1)).toMatchObject({ status: 'blocked', data: { error: expect.any(String) } })
    const tools = frames.filter(({ data }) => data.type.startsWith('action.'))
    expect(tools.map(({ status }) => status)).toEqual([
      ...['executing_tool', 'verifying', 'tool_completed'],
      ...['executing_tool', 'verifying', 'tool_completed'],
      ...['executing_tool', 'verifying', 'tool_blocked'],
    ])
    expect(tools[0]?.data).toMatchObject({ tool: 'write_file', arguments: { path: 'a.txt' } })
    expect(tools[1]?.data).toMatchObject({ verdict: 'allowed', violations: [] })
    expect(tools[7]?.data).toMatchObject({ verdict: 'blocked', violations: [{ category: 'capability' }] })
    const counts = (at: number) => [tools[at]?.data['certificate_count'], tools[at]?.data['cost_cents']]
    expect([0, 1, 2, 4, 5, 7, 8].map(counts)).toEqual([
      [0, 0],
      [1, 0],
      [1, 1],
      [2, 1],
      [2, 2],
      [2, 2],
      [2, 2],
    ])
    await submit({ task: 'say hi' })
  })

  test('shows certificates as the execution does, and each blocked attempt', async () => {
    const { submit, executionThatIs } = await open()
    const id = await submit({ task: busy, permissions: ['filesystem:*'] })
    const { certificates, tool_calls } = await executionThatIs('blocked', id)
    const { frames, closed } = watch(urlOf(id))
    await closed
    const decisions = frames.filter(({ data }) => data.type === 'action.decided').map(({ data }) => data)
    expect(decisions.flatMap(({ certificate }) => certificate ?? [])).toEqual(certificates)
    expect(decisions.map(({ certificate_id }) => certificate_id)).toEqual(
      tool_calls.map(({ certificate_id }: { certificate_id: string | null }) => certificate_id),
    )
    expect(decisions.at(-1)).toMatchObject({
      verdict: 'blocked',
      certificate: null,
      reason: expect.stringMatching(/network/u),
    })
    expect(frames[0]?.data['budget_cents']).toBe(10_000)
    expect(frames[2]?.data['compliance_policy']).toBe('default')
  })

  test('goes on live where the replay ends, without gap or repetition', async () => {
    const pushed = createPushedModels()
    const { submit, executionThatIs } = await open({ models: pushed.models })
    const id = await submit({ task: 'say hi' })
    await executionThatIs('executing', id)
    const { frames, closed } = watch(urlOf(id))
    await until('the replay', () => frames.some(({ status }) => status === 'thinking'))
    const before = frames.length
    pushed.say('hi there')
    pushed.end()
    expect(await closed).toBe(1000)
    expect(frames.length).toBeGreaterThan(before)
    expect(frames.map(({ data }) => data.seq)).toEqual(frames.map((_, at) => at + 1))
    expect(frames.at(-2)).toMatchObject({ status: 'executing', data: { text: 'hi there' } })
    expect(frames.at(-1)).toMatchObject({ status: 'succeeded', data: { output: 'hi there' } })
  })

  test('ends with the frame of the cancel', async () => {
    const { submit, call } = await open({ models: createPushedModels().models })
    const id = await submit({ task: 'say hi' })
    const { frames, closed } = watch(urlOf(id))
    await until('the replay', () => frames.length > 0)
    await call('DELETE', `/api/v1/executions/${id}`)
    expect(await closed).toBe(1000)
    expect(frames.at(-1)?.status).toBe('cancelled')
  })

  test('answers ping with pong after the key', async () => {
    const { submit, caller } = await open({ models: createPushedModels().models })
    const id = await submit({ task: 'say hi' })
    const { socket, messages, opened } = watch(urlOf(id), {})
    await opened()
    socket.send(JSON.stringify({ api_key: caller.key }))
    await until('the replay', () => messages.length > 0)
    for (const count of [1, 2]) {
      socket.send('ping')
      await until('a pong', () => messages.filter((one) => 'type' in Object(one)).length === count)
    }
    expect(messages.at(-1)).toEqual({ type: 'pong' })
  })

  test('is reached under the mount too', async () => {
    const { submit, executionThatIs } = await open()
    const id = await submit({ task: 'say hi' })
    await executionThatIs('succeeded', id)
    const { frames, closed } = watch(`${address}/certior/ws/executions/${id}`)
    await closed
    expect(frames.at(-1)?.status).toBe('succeeded')
  })
})

describe('who may watch', () => {
  test('the key comes in a header, in the address, or in the first message in any of three forms', async () => {
    const { submit, caller, executionThatIs } = await open()
    const { key } = caller
    const id = await submit({ task: 'say hi' })
    await executionThatIs('succeeded', id)
    const ways = [
      watch(urlOf(id), { authorization: `Bearer ${key}` }),
      watch(urlOf(id), { 'x-api-key': key }),
      watch(urlOf(id, `?api_key=${key}`), {}),
    ]
    for (const first of [key, JSON.stringify({ api_key: key }), JSON.stringify({ key })]) {
      const way = watch(urlOf(id), {})
      await way.opened()
      expect(way.messages).toEqual([])
      way.socket.send(first)
      ways.push(way)
    }
    for (const { closed, frames } of ways) {
      expect(await closed).toBe(1000)
      expect(frames.at(-1)?.status).toBe('succeeded')
    }
  })

  test('a wrong key is refused: before the upgrade with 401, in a message with 4401', async () => {
    const { submit } = await open()
    const id = await submit({ task: 'say hi' })
    const early = await watch(urlOf(id), { authorization: `Bearer ck-${'0'.repeat(43)}` }).refused()
    expect([early.status, JSON.parse(early.body)]).toEqual([401, { detail: expect.any(String) }])
    expect((await watch(urlOf(id, '?api_key=ck-0'), {}).refused()).status).toBe(401)
    for (const first of ['ck-0', '{"api_key": "ck-0"}', '{"api_key": 7}', '{']) {
      const late = watch(urlOf(id), {})
      await late.opened()
      late.socket.send(first)
      expect(await late.closed).toBe(4401)
      expect(late.messages).toEqual([{ detail: expect.any(String) }])
    }
  })

  test('somebody else’s, an absent one, and what is no id are not found, with the same bytes', async () => {
    const { world, submit } = await open()
    const stranger = await world.addCaller('operator', { dialect: 'certior' })
    const id = await submit({ task: 'say hi' })
    const bodies = new Set<string>()
    for (const name of [id, `exec_${'0'.repeat(32)}`, 'exec_', '7']) {
      const { status, body } = await watch(urlOf(name), stranger.headers).refused()
      expect(status).toBe(404)
      bodies.add(body)
      const late = watch(urlOf(name), {})
      await late.opened()
      late.socket.send(stranger.key)
      expect(await late.closed).toBe(4404)
      bodies.add(JSON.stringify(late.messages[0]))
    }
    expect([...bodies]).toEqual(['{"detail":"Execution not found"}'])
  })

  test('one that brings no key in time is closed', async () => {
    const clock = createFakeClock()
    const { submit } = await open({ clock, started: false })
    const id = await submit({ task: 'say hi' })
    const { opened, closed } = watch(urlOf(id), {})
    await opened()
    await until('the server to wait', () => clock.waiting > 0)
    clock.advance(10_000)
    expect(await closed).toBe(4401)
  })

  test('a plain request to its address is told to open a WebSocket', async () => {
    const { call, submit } = await open()
    const answer = await call('GET', `/ws/executions/${await submit({ task: 'say hi' })}`)
    expect([answer.statusCode, answer.json()]).toEqual([400, { detail: expect.stringContaining('ws://') }])
  })

  test('nobody waits at a socket that was closed without a key', async () => {
    const { world, submit } = await open()
    const { socket, opened, closed } = watch(urlOf(await submit({ task: 'say hi' })), {})
    await opened()
    socket.close()
    await closed
    expect(world.errors).toEqual([])
  })
})
