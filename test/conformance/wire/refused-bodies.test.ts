import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFakeClock, type FakeClock } from '../../../src/clock/fake/create-fake-clock.ts'
import type { Dialect } from '../../../src/domain/principal.ts'
import { createWorld, type World } from '../../support/create-world.ts'
import { openRawConnection } from '../../support/raw-connection.ts'
import { until } from '../../support/until.ts'

/** More than the buffers of a connection hold: it cannot be written unless the server reads. */
const big = Buffer.alloc(16 * 1024 * 1024, 'x')

let clock: FakeClock
let world: World
let url: string
beforeAll(async () => {
  clock = createFakeClock()
  const limits = { body_bytes_max: 1_000, refused_body_bytes_max: 2 * big.length, refused_body_timeout_ms: 7_000 }
  world = await createWorld({ clock, limits, started: false })
  url = await world.listen()
})
afterAll(() => world.close())

interface Head {
  readonly method?: string
  readonly path?: string
  readonly authorization?: string | undefined
  readonly length?: number
}

/** The head of a request with a body, of a client that does not keep its connection. Without a length the body is chunked. */
const headOf = ({ method = 'POST', path = '/mandate/v1/tasks', authorization, length }: Head) =>
  [
    `${method} ${path} HTTP/1.1`,
    'host: x',
    'content-type: application/json',
    ...(authorization === undefined ? [] : [`authorization: ${authorization}`]),
    length === undefined ? 'transfer-encoding: chunked' : `content-length: ${length}`,
    'connection: close',
    '\r\n',
  ].join('\r\n')

/** What the server says to a client that reads only after it has written everything. */
async function writeThenRead(parts: readonly (string | Buffer)[]): Promise<string> {
  const { socket, closed } = await openRawConnection(url, { reading: false })
  for (const part of parts) {
    await Promise.race([closed, new Promise<void>((written) => socket.write(part, () => written()))])
  }
  let answer = ''
  socket.on('data', (text) => {
    answer += text
  })
  socket.resume()
  const { errorCode } = await closed
  return errorCode ?? answer
}

describe('a client that sends a large body reads why it was refused', () => {
  test.each<[string, Dialect | undefined, string, string, number]>([
    ['too large', 'native', 'POST', '/mandate/v1/tasks', 413],
    ['without a key', undefined, 'POST', '/mandate/v1/tasks', 401],
    ['an unknown path', 'native', 'POST', '/mandate/v1/nonsense', 404],
    ['a method that the path does not take', 'native', 'PUT', '/mandate/v1/tasks', 405],
    ['too large, in Xagent', 'xagent', 'POST', '/xagent/v1/chat/tasks', 413],
    ['too large, in Certior', 'certior', 'POST', '/certior/api/v1/tasks', 413],
    ['too large, in Neo', 'neo', 'POST', '/neo/api/v1/tasks', 413],
    ['too large, in Agentrix', 'agentrix', 'POST', '/agentrix/v1/agentrix/tasks/start', 413],
    ['too large, in Shinzo', 'shinzo', 'POST', '/shinzo/agent/request/1', 413],
  ])('%s', async (_name, dialect, method, path, status) => {
    const agentId = dialect === 'xagent' ? world.agent.id : null
    const caller = dialect && (await world.addCaller('operator', { dialect, agentId }))
    const authorization = caller?.headers.authorization
    const answer = await writeThenRead([headOf({ method, path, authorization, length: big.length }), big])
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `, 'u'))
    expect(JSON.parse(body)).toBeTypeOf('object')
  })

  test('also where it does not tell how long the body is', async () => {
    const { authorization } = world.admin.headers
    const chunk = [`${big.length.toString(16)}\r\n`, big, '\r\n0\r\n\r\n']
    const answer = await writeThenRead([headOf({ authorization }), ...chunk])
    expect(answer).toMatch(/^HTTP\/1.1 413 [\s\S]*"limit":"body_bytes_max"\}$/)
  })

  test('also where the body is gzip', async () => {
    const { authorization } = world.admin.headers
    const head = headOf({ authorization, length: big.length }).replace('host: x', 'host: x\r\ncontent-encoding: gzip')
    expect(await writeThenRead([head, big])).toMatch(/^HTTP\/1.1 413 /)
  })
})

test('a connection is used again after the rest of a refused body was read', async () => {
  const connection = await openRawConnection(url)
  connection.socket.write(
    headOf({ path: '/mandate/v1/nonsense', length: big.length }).replace('connection: close\r\n', ''),
  )
  connection.socket.write(big)
  connection.socket.write('GET /v1/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  const { received } = await connection.closed
  expect(received.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 404', 'HTTP/1.1 200'])
})

test('what goes on past refused_body_bytes_max is cut, after the refusal was sent', async () => {
  const connection = await openRawConnection(url)
  connection.socket.write(headOf({ ...world.admin.headers, length: 1024 ** 4 }))
  await until('the refusal', () => connection.received.includes('body_bytes_max'))
  const pour = () => {
    while (!connection.socket.destroyed && connection.socket.write(big));
  }
  connection.socket.on('drain', pour)
  pour()
  await connection.closed
})

test('a refused body that does not come is cut after refused_body_timeout_ms', async () => {
  const before = clock.waiting
  const connection = await openRawConnection(url)
  connection.socket.write(headOf({ ...world.admin.headers, length: 1_000_000 }))
  await until('the refusal', () => connection.received.includes('body_bytes_max'))
  await clock.until(() => clock.waiting > before)
  clock.advance(6_999)
  expect(clock.waiting).toBe(before + 1)
  clock.advance(1)
  await connection.closed
})
