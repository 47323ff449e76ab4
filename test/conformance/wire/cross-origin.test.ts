import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { allowedHeaders, exposedHeaders } from '../../../src/api/cross-origin.ts'
import type { TaskView } from '../../../src/api/native/contract/task.ts'
import { requestHeaders, responseHeaders } from '../../../src/api/openapi/headers.ts'
import { createWorld, type World } from '../../support/create-world.ts'

const app = 'https://app.example.com'
const publicUrl = 'https://mandate.example.com'

let world: World
let url: string
let task: TaskView
beforeAll(async () => {
  const settings = { corsOrigins: [app, 'http://localhost:3000'], publicUrl: () => publicUrl }
  world = await createWorld({ settings })
  url = await world.listen()
  task = await world.runTask({ input: 'say hello' })
})
afterAll(() => world.close())

const ask = (path: string, origin: string | undefined, over: object = {}) => {
  const headers = { ...world.admin.headers, ...(origin !== undefined && { origin }) }
  return world.app.inject({ url: path, headers, ...over })
}

/** One path of each dialect, and what no dialect has. */
const paths = [
  '/mandate/v1/tasks',
  '/v1/health',
  '/xagent/v1/chat/tasks',
  '/certior/api/v1/tasks',
  '/neo/api/v1/tasks',
  '/agentrix/v1/agentrix/tasks/start',
  '/shinzo/agent/list',
  '/api/v1/tasks',
  '/mandate/v1/nonsense',
]

describe('a page of a listed origin', () => {
  test.each(paths)('may read what %s answers, refusals too', async (path) => {
    for (const over of [{}, { headers: { origin: app } }, { method: 'POST', payload: '{' }] as const) {
      const { headers } = await ask(path, app, over)
      expect(headers['access-control-allow-origin']).toBe(app)
      expect(headers['access-control-expose-headers']).toBe(exposedHeaders.join(', '))
      expect(headers['vary']).toBe('Origin')
      expect(headers['access-control-allow-credentials']).toBeUndefined()
    }
  })

  test.each(paths)('is told by a preflight what it may send to %s, without a key', async (path) => {
    const headers = {
      origin: app,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization, content-type, idempotency-key',
    }
    const answer = await world.app.inject({ method: 'OPTIONS', url: path, headers })
    expect([answer.statusCode, answer.body]).toEqual([204, ''])
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': app,
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': allowedHeaders.join(', '),
      'access-control-max-age': '600',
      vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
    })
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials')
  })

  test('may read a stream', async () => {
    const headers = { ...world.admin.headers, origin: app, accept: 'text/event-stream' }
    const answer = await fetch(`${url}/v1/tasks/${task.id}/events`, { headers })
    expect(answer.headers.get('access-control-allow-origin')).toBe(app)
    expect(await answer.text()).toContain('run.succeeded')
  })
})

test.each([
  ['another origin', 'https://evil.example.com'],
  ['another scheme', 'http://app.example.com'],
  ['another port', 'https://app.example.com:444'],
  ['a name within', 'https://x.app.example.com'],
  ['a longer name', 'https://app.example.com.evil.example'],
  ['a slash more', `${app}/`],
  ['other letters', 'https://APP.example.com'],
  ['one that hides', 'null'],
  ['two at once', `${app}, http://localhost:3000`],
])('a page of %s may read nothing, and caches are told that answers differ by it', async (_name, origin) => {
  const answer = await ask('/v1/health', origin)
  expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  expect(answer.headers['vary']).toBe('Origin')
  const preflight = { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } } as const
  const refused = await ask('/mandate/v1/tasks', origin, preflight)
  expect(refused.statusCode).toBe(405)
  expect(Object.keys(refused.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
})

test('OPTIONS that is no preflight is a method like any other', async () => {
  expect((await ask('/mandate/v1/tasks', app, { method: 'OPTIONS' })).statusCode).toBe(405)
})

test('without a list there is no header about origins', async () => {
  const closed = await createWorld({ started: false })
  const answer = await closed.app.inject({ url: '/v1/health', headers: { origin: app } })
  expect(Object.keys(answer.headers).filter((name) => name === 'vary' || name.startsWith('access'))).toEqual([])
  await closed.close()
})

describe('a WebSocket', () => {
  const sockets = () =>
    [
      [`/mandate/v1/tasks/${task.id}/events`, world.admin.headers],
      ['/certior/ws/executions/exec_1', {}],
      ['/agentrix/v1/tasks/1/events', {}],
    ] as const

  /** The status and the body of the answer; 101 for a socket that opened. */
  async function open(path: string, origin: string | undefined, headers: object) {
    const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, {
      headers: { ...headers, ...(origin !== undefined && { origin }) },
    })
    const refused = once(socket, 'unexpected-response').then(async ([, answer]) => {
      let body = ''
      for await (const part of answer) body += part
      return [answer.statusCode, body] as const
    })
    const opened = once(socket, 'open').then(() => [101, ''] as const)
    socket.on('error', () => undefined)
    const outcome = await Promise.race([refused, opened])
    socket.terminate()
    return outcome
  }

  test('is opened for pages of listed origins and of the server itself, and for who is no browser', async () => {
    const [[path, headers]] = sockets()
    for (const origin of [app, 'http://localhost:3000', publicUrl, url, undefined]) {
      expect([origin, (await open(path, origin, headers))[0]]).toEqual([origin, 101])
    }
  })

  test('is refused to pages of other origins before the upgrade, in the words of its dialect', async () => {
    for (const [path, headers] of sockets()) {
      for (const origin of ['https://evil.example.com', 'null', `${app}.evil.example`]) {
        const [status, body] = await open(path, origin, headers)
        expect([path, status]).toEqual([path, 403])
        expect(body).toContain('MANDATE_CORS_ORIGINS')
        expect(Object.hasOwn(JSON.parse(body), 'detail')).toBe(!path.startsWith('/agentrix'))
      }
    }
  })
})

test('every header that a route sets may be read by the pages that may read the answer', () => {
  const browsersLetThrough = ['cache-control', 'content-length', 'content-type']
  /** For the browser itself, or for caches. */
  const notForPages =
    /^(access-control-.*|vary|connection|sec-websocket-version|x-content-type-options|content-security-policy)$/u
  const folder = new URL('../../../src/api/', import.meta.url)
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(?<!\.test)\.ts$/u.test(name),
  )
  const set = files.flatMap((name) => {
    const source = readFileSync(new URL(name, folder), 'utf8')
    return [...source.matchAll(/\.header\(\s*'([^']+)'/gu)].map(([, header = '']) => header)
  })
  expect(set.length).toBeGreaterThan(10)
  const unseen = set.filter((name) => !notForPages.test(name) && !browsersLetThrough.includes(name))
  expect(exposedHeaders).toEqual(expect.arrayContaining(unseen))
})

test('every header that the OpenAPI documents name may be read, or sent, by pages', () => {
  const lower = (headers: object) => Object.keys(headers).map((name) => name.toLowerCase())
  expect(exposedHeaders).toEqual(expect.arrayContaining(lower(responseHeaders)))
  expect(allowedHeaders).toEqual(expect.arrayContaining(lower(requestHeaders)))
})
