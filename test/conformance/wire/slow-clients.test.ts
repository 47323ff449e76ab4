import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Dialect } from '../../../src/domain/principal.ts'
import { createWorld, type World } from '../../support/create-world.ts'
import { openRawConnection } from '../../support/raw-connection.ts'

const never = 600_000

let world: World
let url: string
let taskId: string
/** Where nothing but the head of a request, and what comes between two, is waited for in vain. */
let patient: World
let patientUrl: string
beforeAll(async () => {
  const hurried = { keep_alive_timeout_ms: never, connection_stalled_timeout_ms: 300, wait_seconds_max: 0 }
  const limits = { header_timeout_ms: 200, request_timeout_ms: 400, ...hurried }
  world = await createWorld({ limits, started: false })
  const slow = { request_timeout_ms: never, connection_stalled_timeout_ms: never, refused_body_bytes_max: 100_000 }
  patient = await createWorld({
    limits: { header_timeout_ms: 200, keep_alive_timeout_ms: 100, ...slow },
    started: false,
  })
  patientUrl = await patient.listen()
  url = await world.listen()
  const file = { path: 'big.txt', content: 'x'.repeat(8 * 1024 * 1024) }
  taskId = (await world.call('POST', '/v1/tasks', { input: 'x', files: [file] })).json().id
})
afterAll(() => Promise.all([world.close(), patient.close()]))

const lines = (...head: readonly string[]) => `${head.join('\r\n')}\r\n\r\n`

/** The status and the body of what was answered. */
function read(received: string): readonly [status: string, body: unknown] {
  const [head = '', body = ''] = received.split('\r\n\r\n')
  return [head.split('\r\n')[0] ?? '', JSON.parse(body)]
}

test('a connection that says nothing is closed without a word', async () => {
  const { closed } = await openRawConnection(patientUrl)
  expect((await closed).received).toBe('')
})

test.each([
  ['that begins and stops', ''],
  ['that comes drop by drop', 'x'],
])('the head of a request %s is 408 after header_timeout_ms', async (_title, drop) => {
  const { socket, closed } = await openRawConnection(patientUrl)
  socket.write('GET /v1/health HTTP/1.1\r\nhost: x\r\nx-slow: ')
  // Fewer drops than make a head that is too long, however fast they fall.
  const drip = (left: number) =>
    left === 0 || socket.destroyed || socket.write(drop, () => setImmediate(drip, left - 1))
  drip(drop === '' ? 0 : 8_000)
  const [status, problem] = read((await closed).received)
  expect(status).toBe('HTTP/1.1 408 Request Timeout')
  expect(problem).toMatchObject({ code: 'request_timeout', limit: 'header_timeout_ms' })
})

describe('a body that does not come whole in request_timeout_ms is 408, in the words of its dialect', () => {
  test.each<[Dialect, string, object]>([
    ['native', '/mandate/v1/tasks', { code: 'request_timeout', limit: 'request_timeout_ms' }],
    ['xagent', '/xagent/v1/chat/tasks', { error: { code: 'request_timeout' } }],
    ['certior', '/certior/api/v1/tasks', { detail: expect.stringContaining('request_timeout_ms') }],
    ['neo', '/neo/api/v1/tasks', { code: 'request_timeout', kind: 'request timeout' }],
    ['agentrix', '/agentrix/v1/agentrix/tasks/start', { error: 'request_timeout' }],
    ['shinzo', '/shinzo/agent/request/1', { success: false, error: { code: 'REQUEST_TIMEOUT' } }],
  ])('%s', async (dialect, path, body) => {
    const agentId = dialect === 'xagent' ? world.agent.id : null
    const { headers } = await world.addCaller('operator', { dialect, agentId })
    const { socket, closed } = await openRawConnection(url)
    const own = ['host: x', 'content-type: application/json', 'connection: close', 'content-length: 1000000']
    socket.write(lines(`POST ${path} HTTP/1.1`, ...own, `authorization: ${headers.authorization}`))
    // Whoever waits for silence only waits for ever.
    const drip = () => socket.destroyed || socket.write(' ', () => setImmediate(drip))
    drip()
    socket.on('data', () => socket.destroySoon())
    const [status, answer] = read((await closed).received)
    expect(status).toBe('HTTP/1.1 408 Request Timeout')
    expect(answer).toMatchObject(body)
  })

  test('also where it is gzip', async () => {
    const { headers } = await world.addCaller('operator', { dialect: 'certior' })
    const { socket, closed } = await openRawConnection(url)
    const own = ['content-type: application/json', 'content-encoding: gzip', 'content-length: 1000', 'host: x']
    socket.write(lines('POST /api/v1/tasks HTTP/1.1', ...own, `authorization: ${headers.authorization}`))
    socket.on('data', () => socket.destroySoon())
    const detail = expect.stringContaining('request_timeout_ms')
    expect(read((await closed).received)).toEqual(['HTTP/1.1 408 Request Timeout', { detail }])
  })
})

test('a request whose body came too late is not carried out', async () => {
  const before = (await world.call('GET', '/v1/tasks?limit=200')).json().tasks.length
  const { socket, closed } = await openRawConnection(url)
  const body = JSON.stringify({ input: 'too late' })
  const own = ['host: x', 'content-type: application/json', `content-length: ${body.length}`]
  socket.write(lines('POST /v1/tasks HTTP/1.1', ...own, `authorization: ${world.admin.headers.authorization}`))
  socket.write(body.slice(0, -1))
  socket.once('data', () => socket.end(body.slice(-1)))
  expect((await closed).received).toMatch(/^HTTP\/1.1 408 /)
  expect((await world.call('GET', '/v1/tasks?limit=200')).json().tasks).toHaveLength(before)
})

test('an answer that has begun is not broken by the rest of a body that never comes', async () => {
  const { socket, closed } = await openRawConnection(url)
  const { authorization } = world.admin.headers
  const own = ['host: x', 'accept: text/event-stream', 'content-length: 10', `authorization: ${authorization}`]
  socket.write(lines(`GET /v1/tasks/${taskId}/events HTTP/1.1`, ...own))
  const { received } = await closed
  expect(received).toMatch(/^HTTP\/1.1 200 /)
  expect(received.match(/HTTP\/1.1/g)).toHaveLength(1)
})

test('a connection that asks nothing more is closed after keep_alive_timeout_ms', async () => {
  const { socket, closed } = await openRawConnection(patientUrl)
  socket.write(lines('GET /v1/health HTTP/1.1', 'host: x'))
  expect((await closed).received).toMatch(/^HTTP\/1.1 200 [\s\S]*\}$/)
})

test('a client that takes nothing of its answer is cut after connection_stalled_timeout_ms', async () => {
  const connected = new Promise<import('node:net').Socket>((resolve) => world.app.server.once('connection', resolve))
  const { socket } = await openRawConnection(url, { reading: false })
  const serverSide = await connected
  const closed = new Promise((resolve) => serverSide.once('close', resolve))
  const { authorization } = world.admin.headers
  socket.write(lines(`GET /v1/tasks/${taskId}/files/big.txt HTTP/1.1`, 'host: x', `authorization: ${authorization}`))
  await closed
  socket.destroy()
})

test('what cannot be read goes on for no longer than refused_body_bytes_max after it was answered', async () => {
  const { socket, closed } = await openRawConnection(patientUrl, { allowHalfOpen: true })
  const pour = () => {
    while (!socket.destroyed && socket.write('x'.repeat(64 * 1024)));
  }
  socket.on('drain', pour)
  pour()
  expect((await closed).received).toMatch(/^(HTTP\/1.1 400 |$)/)
})
