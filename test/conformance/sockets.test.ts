import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createFakeClock } from '../../src/clock/fake/create-fake-clock.ts'
import { type Dialect, dialects } from '../../src/domain/principal.ts'
import { type Caller, createWorld, type World, type WorldOptions } from '../support/create-world.ts'
import { createPushedModels } from '../support/pushed-models.ts'
import { until } from '../support/until.ts'
import { type WatchedSocket, watchSocket } from '../support/watch-socket.ts'

let world: World
let address = ''
let callers: Record<Dialect, Caller>
let taskId = ''
const open: WatchedSocket[] = []
const raw: Socket[] = []

/** A server with a task of one user, who has a key of each dialect. */
async function openWorld(options: WorldOptions = {}) {
  world = await createWorld(options)
  address = await world.listen()
  const { user } = world.admin
  const made = dialects.map(async (dialect) => {
    const over = { dialect, userId: user.id, ...(dialect === 'xagent' && { agentId: world.agent.id }) }
    return [dialect, await world.addCaller('operator', over)] as const
  })
  callers = Object.fromEntries(await Promise.all(made)) as Record<Dialect, Caller>
  const answer = await world.call('POST', '/v1/tasks', { input: 'say hi' })
  taskId = answer.json().id
}
afterEach(async () => {
  for (const { socket } of open.splice(0)) socket.terminate()
  for (const socket of raw.splice(0)) socket.destroy()
  await world.close()
})

function watch(path: string, headers: Readonly<Record<string, string>> = {}, first?: string): WatchedSocket {
  const watched = watchSocket(`${address}${path}`, headers, first)
  open.push(watched)
  return watched
}
const executionPath = () => `/ws/executions/exec_${taskId.replaceAll('-', '')}`
/** The sockets of every dialect at plain paths: who speaks there, and how a closing message of theirs looks. */
const sockets = (): readonly (readonly [dialect: Dialect, path: string, refusal: object])[] => [
  ['native', `/v1/tasks/${taskId}/events`, { type: 'problem', data: { code: 'unauthenticated', status: 401 } }],
  ['agentrix', `/v1/tasks/task-${taskId}/events`, { code: 'UNAUTHORIZED', error: 'unauthorized' }],
  ['certior', executionPath(), { detail: 'The key is not valid.' }],
]

describe('a request to make a WebSocket', () => {
  /** With whose key, what of, and how it is refused. */
  const refusals: readonly (readonly [key: Dialect | undefined, path: string, status: number, body: object])[] = [
    [undefined, '/nothing/here', 404, { code: 'route_not_found', status: 404 }],
    ['native', '/nothing/here', 404, { code: 'route_not_found', status: 404 }],
    [undefined, '/', 400, { code: 'malformed_request' }],
    [undefined, '/%ff', 400, { code: 'malformed_request' }],
    [undefined, '/v1/models', 401, { code: 'unauthenticated', status: 401 }],
    ['native', '/v1/models', 400, { code: 'malformed_request', status: 400 }],
    ['native', '/v1/policies/check', 405, { code: 'method_not_allowed', status: 405 }],
    [undefined, '/v1/health', 400, { code: 'malformed_request', status: 400 }],
    [undefined, '/metrics', 400, { code: 'malformed_request', status: 400 }],
    [undefined, '/v1/chat/tasks/7', 401, { error: { code: 'invalid_api_key' } }],
    ['xagent', '/v1/chat/tasks/7/events', 422, { error: { code: 'invalid_input' } }],
    [undefined, '/v1/chat/nothing', 404, { error: { code: 'not_found' } }],
    [undefined, '/api/v1/executions', 401, { detail: expect.stringContaining('key') }],
    ['certior', '/api/v1/executions', 400, { detail: 'This path is no WebSocket.' }],
    [undefined, '/ws/executions', 404, { detail: 'There is no such path.' }],
    ['neo', '/api/v1/tasks', 400, { error_id: 'malformed_request' }],
    [undefined, '/api/v1/nothing', 404, { error_id: 'route_not_found' }],
    ['agentrix', '/v1/tasks', 400, { code: 'INVALID_REQUEST', error: 'validation_error' }],
    [undefined, '/socket.io/?EIO=4&transport=websocket', 404, { code: 'NOT_FOUND', error: 'not_found' }],
    ['shinzo', '/agent/list', 400, { success: false, error: { code: 'INVALID_REQUEST' } }],
    ['shinzo', '/agent/request/7', 405, { success: false, error: { code: 'METHOD_NOT_ALLOWED' } }],
    [undefined, '/agent/list', 401, { success: false, error: { code: 'UNAUTHORIZED' } }],
  ]

  test('of a path that is none is refused before the upgrade, in the words of the path', async () => {
    await openWorld()
    for (const [key, path, status, body] of refusals) {
      for (const mount of path.startsWith('/v1/models') ? ['', '/mandate'] : ['']) {
        const headers = key === undefined ? {} : callers[key].headers
        const refused = await watch(mount + path, headers).refused()
        expect([refused.status, JSON.parse(refused.body)], `${key} ${path}`).toMatchObject([status, body])
        expect(refused.headers['connection'], path).toBe('close')
      }
    }
  })

  test('with a method that opens none is answered as if it had not asked', async () => {
    await openWorld()
    const body = JSON.stringify({ input: 'say hi' })
    const headers = [...upgrade('websocket'), `authorization: Bearer ${callers.native.key}`, ...jsonOf(body)]
    expect(await exchange('POST', '/v1/tasks', headers, body)).toMatch(/^HTTP\/1.1 202 /u)
  })

  test('and one to speak HTTP/2, as Java clients ask with all they send, is answered in HTTP/1.1', async () => {
    await openWorld()
    const h2c = [
      'connection: Upgrade, HTTP2-Settings',
      'upgrade: h2c',
      'http2-settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAA',
    ]
    expect(await exchange('GET', '/v1/health', h2c)).toMatch(/^HTTP\/1.1 200 /u)
    const body = JSON.stringify({ input: 'say hi' })
    const headers = [...h2c, `authorization: Bearer ${callers.native.key}`, ...jsonOf(body)]
    expect(await exchange('POST', '/v1/tasks', headers, body)).toMatch(/^HTTP\/1.1 202 /u)
  })

  test('that is not well made is refused in the words of the path, and holds no place among the streams', async () => {
    await openWorld({ limits: { streams_max: 1 }, started: false })
    const path = `/mandate/v1/tasks/${taskId}/events`
    const key = `authorization: Bearer ${callers.native.key}`
    for (const wrong of [upgrade('websocket', { key: 'short' }), upgrade('websocket', { version: 7 })]) {
      const answer = await exchange('GET', path, [...wrong, key])
      expect(answer).toMatch(/^HTTP\/1.1 400 /u)
      expect(answer).toContain('content-type: application/problem+json')
      if (wrong.includes('sec-websocket-version: 7')) expect(answer).toContain('sec-websocket-version: 13')
    }
    await watch(path, callers.native.headers).opened()
  })

  test('whose client is gone before it is answered holds no place', async () => {
    await openWorld({ limits: { streams_max: 1 }, started: false })
    const path = `/mandate/v1/tasks/${taskId}/events`
    const headers = ['host: test', ...upgrade('websocket'), `authorization: Bearer ${callers.native.key}`]
    for (let time = 0; time < 5; time += 1) {
      const client = connectRaw()
      client.write([`GET ${path} HTTP/1.1`, ...headers, '', ''].join('\r\n'), () => client.destroy())
      await once(client, 'close')
    }
    await until('the place to be free', async () => {
      const tried = watch(path, callers.native.headers)
      await Promise.race([tried.opened(), tried.refused()])
      return tried.socket.readyState === 1
    })
  })
})

describe('a key in the first message', () => {
  test('opens every socket, in each of its forms', async () => {
    await openWorld()
    await world.call('GET', `/v1/tasks/${taskId}?wait=30`)
    for (const [dialect, path] of sockets()) {
      const { key } = callers[dialect]
      if (dialect === 'agentrix') continue // shows the tasks of its own chats: events.test.ts
      for (const first of [key, ` ${key}\n`, JSON.stringify({ key }), JSON.stringify({ api_key: key })]) {
        const { closed, messages } = watch(path, {}, first)
        expect(await closed, `${dialect} ${first}`).toBe(1000)
        expect(messages.length).toBeGreaterThan(3)
      }
    }
  })

  test('says which dialect is spoken on the path that two have', async () => {
    await openWorld()
    await world.call('GET', `/v1/tasks/${taskId}?wait=30`)
    const path = `/v1/tasks/${taskId}/events`
    const native = watch(path, {}, callers.native.key)
    expect(await native.closed).toBe(1000)
    expect(native.messages[0]).toMatchObject({ seq: 1, type: 'task.submitted' })
    const agentrix = watch(path, {}, callers.agentrix.key)
    expect([await agentrix.closed, agentrix.messages]).toMatchObject([4404, [{ code: 'TASK_NOT_FOUND' }]])
    const wrong = watch(path, {}, `mdt_${'x'.repeat(12)}_${'x'.repeat(43)}`)
    expect([await wrong.closed, wrong.messages]).toMatchObject([4401, [{ type: 'problem' }]])
    const foreign = watch(path, {}, callers.certior.key)
    expect([await foreign.closed, foreign.messages]).toMatchObject([4401, [{ code: 'UNAUTHORIZED' }]])
  })

  test('also says whose words the address is in', async () => {
    await openWorld()
    await world.call('GET', `/v1/tasks/${taskId}?wait=30`)
    const path = `/v1/tasks/${taskId}/events`
    // Documents are made of the same routes, which are then added once more.
    for (const mount of ['mandate', 'agentrix']) await world.app.inject(`/${mount}/openapi.json`)
    const after = watch(`${path}?after=3`, {}, callers.native.key)
    await after.closed
    expect(after.messages[0]).toMatchObject({ seq: 4 })
    const unknown = watch(`${path}?follow=perhaps`, {}, callers.native.key)
    expect([await unknown.closed, unknown.messages]).toMatchObject([
      4422,
      [{ data: { errors: [{ field: 'follow' }] } }],
    ])
    const following = watch(
      `${path}?follow=true`,
      {},
      JSON.stringify({ key: callers.native.key, follow: false, after: 4 }),
    )
    expect(await following.closed).toBe(1000)
    expect(following.messages[0]).toMatchObject({ seq: 5 })
  })

  test.each([{ after: -1 }, { after: 'x' }, { after: 1.5 }, { follow: 'yes' }])(
    'beside which %j stands is refused by name',
    async (fields) => {
      await openWorld()
      const { closed, messages } = watch(
        `/mandate/v1/tasks/${taskId}/events`,
        {},
        JSON.stringify({ key: callers.native.key, ...fields }),
      )
      const errors = [{ field: Object.keys(fields)[0] }]
      expect([await closed, messages]).toMatchObject([4422, [{ type: 'problem', data: { errors } }]])
    },
  )

  test('of another dialect opens nothing on a path that one owns, and all under its mount', async () => {
    await openWorld()
    await world.call('GET', `/v1/tasks/${taskId}?wait=30`)
    const plain = watch(executionPath(), {}, callers.native.key)
    expect([await plain.closed, plain.messages]).toEqual([4401, [{ detail: 'The key is not valid.' }]])
    expect(await watch(`/certior${executionPath()}`, {}, callers.native.key).closed).toBe(1000)
    const native = watch(`/mandate/v1/tasks/${taskId}/events`, {}, callers.agentrix.key)
    expect(await native.closed).toBe(1000)
  })

  test('that does not come in time closes the socket in the words of the path', async () => {
    const clock = createFakeClock()
    await openWorld({ clock, started: false, limits: { first_message_timeout_seconds: 7 } })
    const watched = [watch(`/mandate/v1/tasks/${taskId}/events`), watch(executionPath())]
    for (const { opened } of watched) await opened()
    await until('the server to wait', () => clock.waiting >= 2)
    clock.advance(6_999)
    expect(watched.map(({ socket }) => socket.readyState)).toEqual([1, 1])
    clock.advance(1)
    for (const { closed } of watched) expect(await closed).toBe(4401)
    expect(watched.map(({ messages }) => messages)).toMatchObject([
      [{ type: 'problem' }],
      [{ detail: expect.any(String) }],
    ])
  })

  test('is waited for on so many sockets at once; a place is free again once one has its key or is gone', async () => {
    await openWorld({ started: false, limits: { sockets_without_key_max: 2 } })
    const [first, second] = [watch(executionPath()), watch(`/mandate/v1/tasks/${taskId}/events`)]
    await first.opened()
    await second.opened()
    const refused = await watch(`/mandate/v1/tasks/${taskId}/events`).refused()
    expect([refused.status, JSON.parse(refused.body).limit]).toEqual([429, 'sockets_without_key_max'])
    expect((await watch(executionPath()).refused()).status).toBe(429)
    await watch(executionPath(), callers.certior.headers).opened()
    first.socket.send(callers.certior.key)
    await until('the key to be taken', () => first.messages.length > 0)
    const third = watch(executionPath())
    await third.opened()
    second.socket.terminate()
    await until('the place of the one that is gone', async () => {
      const fourth = watch(executionPath())
      await Promise.race([fourth.opened(), fourth.refused()])
      return fourth.socket.readyState === 1
    })
  })
})

describe('who has shown no key', () => {
  test('is told nothing, whatever they send', async () => {
    await openWorld({ started: false })
    for (const [, path, refusal] of sockets()) {
      const { socket, messages, opened, closed } = watch(path)
      let pongs = 0
      socket.on('pong', () => {
        pongs += 1
      })
      await opened()
      for (let time = 0; time < 20; time += 1) socket.ping()
      for (let time = 0; time < 20; time += 1) socket.send('ping')
      expect(await closed).toBe(4401)
      expect([pongs, messages]).toMatchObject([0, [path.startsWith('/ws') ? refusal : {}]])
    }
  })

  test('costs the server no memory, however much they send and do not read', async () => {
    await openWorld({ started: false })
    const { client, server } = await openUnread(executionPath(), [])
    await flood(client, frameOf(9, ''), 20_000)
    await until('all of it to be read', () => server.bytesRead > 20_000 * 6)
    expect([server.bytesWritten < 1_000, server.writableLength]).toEqual([true, 0])
  })

  test('and does not close their end is let go of all the same', async () => {
    const clock = createFakeClock()
    await openWorld({ clock, started: false })
    const { client, server } = await openUnread(executionPath(), [])
    const before = server.bytesWritten
    client.write(frameOf(1, 'wrong'))
    await until('the server to have said so', () => server.bytesWritten > before && clock.waiting > 0)
    const gone = once(server, 'close')
    clock.advance(1_000)
    await gone
  })
})

test.each(['with', 'without'])(
  'a client %s a key that does not close its end keeps no server from stopping',
  async (how) => {
    const clock = createFakeClock()
    await openWorld({ clock, started: false })
    const headers = how === 'with' ? [`authorization: Bearer ${callers.certior.key}`] : []
    const { server } = await openUnread(executionPath(), headers)
    const closing = world.app.close()
    await until('the server to let go of the client', () => {
      clock.advance(1_000)
      return server.destroyed
    })
    await closing
  },
)

describe('who has shown a key', () => {
  test.each([
    ['the text ping', 1, 'ping'],
    ['the ping of the protocol', 9, 'x'.repeat(100)],
  ])('and sends %s without end and reads nothing is answered no more than a little of it', async (_, opcode, text) => {
    await openWorld({ models: createPushedModels().models })
    const headers = [`authorization: Bearer ${callers.certior.key}`]
    const { client, server } = await openUnread(executionPath(), headers)
    let most = 0
    await flood(client, frameOf(opcode, text), 200_000, () => {
      most = Math.max(most, server.writableLength)
    })
    await until('all of it to be read', () => {
      most = Math.max(most, server.writableLength)
      return server.bytesRead >= 200_000 * frameOf(opcode, text).length
    })
    expect(most).toBeLessThan(64 * 1024)
    expect(server.destroyed).toBe(false)
  })

  test('has their pings answered', async () => {
    await openWorld({ models: createPushedModels().models })
    const { socket, messages } = watch(executionPath(), callers.certior.headers)
    const pong = once(socket, 'pong')
    await until('the socket to show something', () => messages.length > 0)
    socket.ping('are you there')
    expect(String((await pong)[0])).toBe('are you there')
    socket.send('ping')
    await until('the other pong', () => messages.some(({ type }) => type === 'pong'))
  })
})

/** A frame of a WebSocket as a client sends it, under a mask of zeros. */
function frameOf(opcode: number, text: string): Buffer {
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)])
}

function upgrade(protocol: string, { key = 'dGhlIHNhbXBsZSBub25jZQ==', version = 13 } = {}): string[] {
  const socket = [`sec-websocket-version: ${version}`, `sec-websocket-key: ${key}`]
  return ['connection: Upgrade', `upgrade: ${protocol}`, ...socket]
}

function jsonOf(body: string): string[] {
  return ['content-type: application/json', `content-length: ${body.length}`]
}

/** What a server answers to a request that is written by hand, up to the end of its headers. */
async function exchange(method: string, path: string, headers: readonly string[], body = ''): Promise<string> {
  const client = connectRaw()
  client.write([`${method} ${path} HTTP/1.1`, 'host: test', ...headers, '', body].join('\r\n'))
  let received = ''
  client.setEncoding('utf8').on('data', (text) => {
    received += text
  })
  return until('an answer', () => received.includes('\r\n\r\n') && received)
}

/** A WebSocket that is open and of which nothing is read, with the server's end of it. */
async function openUnread(path: string, headers: readonly string[]) {
  const connected = once(world.app.server, 'connection')
  const client = connectRaw()
  const [server] = (await connected) as [Socket]
  client.write([`GET ${path} HTTP/1.1`, 'host: test', ...upgrade('websocket'), ...headers, '', ''].join('\r\n'))
  await once(client, 'readable')
  return { client, server }
}

function connectRaw(): Socket {
  const socket = connect(Number(new URL(address).port), '127.0.0.1')
  socket.on('error', () => undefined)
  raw.push(socket)
  return socket
}

async function flood(client: Socket, frame: Buffer, times: number, look: () => void = () => undefined): Promise<void> {
  const batch = Buffer.concat(Array.from({ length: 1_000 }, () => frame))
  for (let sent = 0; sent < times; sent += 1_000) {
    if (!client.write(batch)) await once(client, 'drain')
    look()
  }
}
