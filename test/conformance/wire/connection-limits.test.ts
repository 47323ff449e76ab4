import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createWorld, type World, type WorldOptions } from '../../support/create-world.ts'
import { openRawConnection, type RawConnection } from '../../support/raw-connection.ts'
import { until } from '../../support/until.ts'

let world: World
let url: string
let taskId: string
const opened: RawConnection[] = []
const start = async (options: WorldOptions) => {
  world = await createWorld({ started: false, ...options })
  url = await world.listen()
  taskId = (await world.call('POST', '/v1/tasks', { input: 'say x' })).json().id
}
afterEach(async () => {
  for (const { socket } of opened.splice(0)) socket.destroy()
  await world.close()
})

const perAddress = (max: number): WorldOptions => ({ limits: { connections_per_address_max: max } })

/** A connection that the server has let in, refused or closed: it knows of it. */
async function open(from?: string): Promise<RawConnection> {
  const known = new Promise((resolve) => world.app.server.once('connection', resolve))
  const connection = await openRawConnection(url, { from })
  opened.push(connection)
  await known
  return connection
}

const ask = (path: string, headers: Record<string, string> = {}) => {
  const own = { host: 'x', ...headers }
  return `GET ${path} HTTP/1.1\r\n${Object.entries(own)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`
}

/** What the server answers, once it is there whole. */
async function answerTo(
  connection: RawConnection,
  request: string,
): Promise<{ status: number; head: string; body: string }> {
  const before = connection.received.length
  connection.socket.write(request)
  return until(`the answer to ${request.split('\r\n')[0]}`, () => {
    const [head = '', body = ''] = connection.received.slice(before).split('\r\n\r\n')
    const length = Number(/content-length: (\d+)/iu.exec(head)?.[1])
    return body.length === length && { status: Number(head.slice(9, 12)), head: head.toLowerCase(), body }
  })
}

/** Opens a stream that does not end: its connection has a request under way. */
async function openStream(from?: string, headers: Record<string, string> = {}): Promise<RawConnection> {
  const connection = await open(from)
  const own = { ...world.admin.headers, accept: 'text/event-stream', ...headers }
  connection.socket.write(ask(`/v1/tasks/${taskId}/events`, own))
  await until(
    'the stream to begin',
    () => connection.received.includes('task.submitted') || connection.socket.destroyed,
  )
  return connection
}

const refusedWith = (limit: string) => ({ status: 429, body: expect.stringContaining(`"limit":"${limit}"`) })

describe('of one address', () => {
  test('the connection that was idle for longest makes room for a new one', async () => {
    await start(perAddress(3))
    const [first, second, third] = [await open(), await open(), await open()]
    // Now the first has been idle for less long than the second.
    expect((await answerTo(first, ask('/v1/health'))).status).toBe(200)
    const fourth = await open()
    await second.closed
    expect((await answerTo(fourth, ask('/v1/health'))).status).toBe(200)
    expect([first.socket.destroyed, third.socket.destroyed]).toEqual([false, false])
    // Each was idle for longer than what came after it, also who has had an answer meanwhile.
    for (const longest of [third, first, fourth]) {
      await open()
      await longest.closed
    }
  })

  test('a new connection is refused while every other has a request under way, with when to try again', async () => {
    await start(perAddress(2))
    const streams = [await openStream(), await openStream()]
    const third = await open()
    const refused = await answerTo(third, ask('/v1/health'))
    expect(refused).toMatchObject(refusedWith('connections_per_address_max'))
    expect(refused.head).toContain('retry-after: 5')
    expect(refused.head).toContain('connection: close')
    await third.closed
    expect(streams.map(({ socket }) => socket.destroyed)).toEqual([false, false])

    streams[0]?.socket.destroy()
    await until('its place to be free', async () => (await answerTo(await open(), ask('/v1/health'))).status === 200)
  })

  test('connections beyond the limit are closed at once where many wait to be told so', async () => {
    await start(perAddress(1))
    await openStream()
    const more = await Promise.all(Array.from({ length: 100 }, () => openRawConnection(url).catch(() => undefined)))
    for (const connection of more) if (connection !== undefined) opened.push(connection)
    const isOpen = () => more.filter((one) => one !== undefined && !one.socket.destroyed).length
    await until('all but 64 to be closed', () => isOpen() === 64)
    expect((await answerTo(await open('127.0.0.2'), ask('/v1/health'))).status).toBe(200)
  })

  test('the refusal is in the words of the dialect that was spoken', async () => {
    await start(perAddress(1))
    await openStream()
    const refused = await answerTo(await open(), ask('/certior/api/v1/executions'))
    expect(Object.keys(JSON.parse(refused.body))).toEqual(['detail'])
  })

  test('connections of other addresses are not counted', async () => {
    await start(perAddress(1))
    await openStream('127.0.0.2')
    expect((await answerTo(await open('127.0.0.3'), ask('/v1/health'))).status).toBe(200)
    expect(await answerTo(await open('127.0.0.2'), ask('/v1/health'))).toMatchObject({ status: 429 })
  })

  test('a WebSocket counts as long as it is open', async () => {
    await start(perAddress(1))
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/tasks/${taskId}/events`, {
      headers: world.admin.headers,
    })
    await new Promise((resolve) => socket.once('open', resolve))
    expect((await answerTo(await open(), ask('/v1/health'))).status).toBe(429)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.terminate()
    await closed
    await until('its place to be free', async () => (await answerTo(await open(), ask('/v1/health'))).status === 200)
  })
})

describe('in all', () => {
  beforeEach(() => start({ settings: { connectionsMax: 2 } }))

  test('the connection that was idle for longest makes room, whoever it belongs to', async () => {
    const idle = await open('127.0.0.2')
    await openStream('127.0.0.3')
    expect((await answerTo(await open('127.0.0.4'), ask('/v1/health'))).status).toBe(200)
    await idle.closed
  })

  test('connections without a place are refused, and closed at once where they are many', async () => {
    await openStream('127.0.0.2')
    await openStream('127.0.0.3')
    expect(await answerTo(await open('127.0.0.4'), ask('/v1/health'))).toMatchObject(refusedWith('connections_max'))
    const more = await Promise.all(
      Array.from({ length: 100 }, (_, at) => openRawConnection(url, { from: `127.0.1.${at}` }).catch(() => undefined)),
    )
    for (const connection of more) if (connection !== undefined) opened.push(connection)
    const isOpen = () => more.filter((one) => one !== undefined && !one.socket.destroyed).length
    await until('all but 64 to be closed', () => isOpen() <= 64)
  })

  test('the measures tell how many are open and how many found no place', async () => {
    const one = await openStream('127.0.0.2')
    await openStream('127.0.0.3')
    await answerTo(await open('127.0.0.4'), ask('/v1/health'))
    const { body } = await world.app.inject('/metrics')
    expect(body).toMatch(/^mandate_connections_open 2$/m)
    expect(body).toMatch(/^mandate_connections_refused_total 1$/m)
    one.socket.destroy()
    await until('it to be gone', async () =>
      (await world.app.inject('/metrics')).body.includes('mandate_connections_open 1\n'),
    )
  })
})

describe('through a trusted proxy', () => {
  const proxy = '127.0.0.5'
  const trusting = { ...perAddress(2), settings: { trustedProxies: ['127.0.0.4/31'] } }
  const via = (...addresses: readonly string[]) => ({ 'x-forwarded-for': addresses.join(', ') })

  test('what one client has under way is bounded, whatever it says of itself', async () => {
    await start(trusting)
    const stream = await openStream(proxy, via('192.0.2.1'))
    await openStream(proxy, via('198.51.100.9', '192.0.2.1', '127.0.0.4'))
    const refused = await answerTo(await open(proxy), ask('/v1/health', via('203.0.113.5', '192.0.2.1')))
    expect(refused).toMatchObject(refusedWith('connections_per_address_max'))
    expect((await answerTo(await open(proxy), ask('/v1/health', via('192.0.2.2')))).status).toBe(200)
    stream.socket.destroy()
    const again = async () => (await answerTo(await open(proxy), ask('/v1/health', via('192.0.2.1')))).status === 200
    await until('its place to be free', again)
  })

  test('a WebSocket is one of them', async () => {
    await start(trusting)
    const target = `${url.replace('http', 'ws')}/v1/tasks/${taskId}/events`
    const sockets = await Promise.all(
      [1, 2].map(async () => {
        const headers = { ...world.admin.headers, ...via('192.0.2.1') }
        const socket = new WebSocket(target, { headers, localAddress: proxy })
        await new Promise((resolve) => socket.once('open', resolve))
        return socket
      }),
    )
    expect((await answerTo(await open(proxy), ask('/v1/health', via('192.0.2.1')))).status).toBe(429)
    for (const socket of sockets) socket.terminate()
    const again = async () => (await answerTo(await open(proxy), ask('/v1/health', via('192.0.2.1')))).status === 200
    await until('its place to be free', again)
  })

  test('the connections of the proxy itself are not bounded as those of one address', async () => {
    await start(trusting)
    for (const client of ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4']) await openStream(proxy, via(client))
    // Nor is what it asks for itself.
    for (let own = 0; own < 3; own += 1) await openStream(proxy)
    expect((await answerTo(await open(proxy), ask('/v1/health'))).status).toBe(200)
  })

  test('X-Forwarded-For from anybody else says nothing', async () => {
    await start(trusting)
    await openStream('127.0.0.6', via('192.0.2.1'))
    await openStream('127.0.0.6', via('192.0.2.2'))
    expect((await answerTo(await open('127.0.0.6'), ask('/v1/health', via('192.0.2.3')))).status).toBe(429)
  })
})
