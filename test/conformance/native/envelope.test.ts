import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { Refusal, type RefusalCode } from '../../../src/domain/refusal.ts'
import { createWorld, type World, type WorldOptions } from '../../support/create-world.ts'

let world: World
const open = async (options: WorldOptions = {}) => {
  world = await createWorld({ started: false, ...options })
  return world
}
afterEach(() => world.close())

interface Answer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** Every refusal looks like this, whoever found out. */
function expectProblem(answer: Answer, status: number, code: RefusalCode) {
  expect([answer.statusCode, answer.headers['content-type']], answer.body).toEqual([
    status,
    expect.stringMatching(/^application\/problem\+json/),
  ])
  const problem = JSON.parse(answer.body)
  expect(problem).toMatchObject({ type: `urn:mandate:error:${code}`, status, code, title: expect.any(String) })
  expect(problem.detail).toMatch(/\.$|\.\s/)
  expect(Object.keys(problem).filter((key) => !known.has(key))).toEqual([])
  return problem
}
const known = new Set(['type', 'title', 'status', 'code', 'detail', 'errors', 'limit'])

describe('a request that cannot be taken', () => {
  const json = { 'content-type': 'application/json' }
  const big = JSON.stringify({ input: 'x'.repeat(2_000) })
  test.each<[string, object, number, RefusalCode]>([
    ['malformed JSON', { payload: '{"input": ', headers: json }, 400, 'malformed_request'],
    ['a prototype in JSON', { payload: '{"__proto__": {"x": 1}}', headers: json }, 422, 'invalid_input'],
    ['an empty JSON body', { payload: '', headers: { ...json, 'content-length': '0' } }, 400, 'malformed_request'],
    ['no body', {}, 422, 'invalid_input'],
    ['a list for a body', { payload: '[]', headers: json }, 422, 'invalid_input'],
    ['null for a body', { payload: 'null', headers: json }, 422, 'invalid_input'],
    [
      'a form',
      { payload: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'unsupported_media_type',
    ],
    ['plain text', { payload: 'hello', headers: { 'content-type': 'text/plain' } }, 415, 'unsupported_media_type'],
    ['bytes of no type', { payload: Buffer.from('hello') }, 415, 'unsupported_media_type'],
    ['too large a body', { payload: big, headers: json }, 413, 'payload_too_large'],
  ])('like %s is refused', async (_name, request: { headers?: object }, status, code) => {
    const { app, admin } = await open({ limits: { body_bytes_max: 1_000 } })
    const headers = { ...request.headers, ...admin.headers }
    const answer = await app.inject({ method: 'POST', url: '/v1/tasks', ...request, headers })
    const problem = expectProblem(answer, status, code)
    expect(problem.limit).toBe(code === 'payload_too_large' ? 'body_bytes_max' : undefined)
  })

  test('without a valid key is 401 whatever else is wrong with it', async () => {
    const { app } = await open({ limits: { body_bytes_max: 1_000 } })
    for (const headers of [{}, { authorization: 'Bearer x' }, { authorization: 'Basic x' }, { 'x-api-key': 'x' }]) {
      for (const payload of ['{', big]) {
        const request = { method: 'POST', url: '/mandate/v1/tasks', payload, headers: { ...json, ...headers } } as const
        const answer = await app.inject(request)
        expectProblem(answer, 401, 'unauthenticated')
        expect(answer.headers['www-authenticate']).toBe('Bearer')
      }
    }
  })

  test('by an unknown path is 404, by another method 405 with what is allowed, also without a key', async () => {
    const { app } = await open()
    for (const url of ['/v1', '/v1/nonsense', '/v2/tasks', '/mandate/v1/nonsense', '/mandate/v1/tasks/a/b/c']) {
      for (const method of ['GET', 'POST', 'DELETE'] as const) {
        expectProblem(await app.inject({ method, url, payload: '{', headers: json }), 404, 'route_not_found')
      }
    }
    const put = await app.inject({ method: 'PUT', url: '/mandate/v1/tasks', payload: '{', headers: json })
    expectProblem(put, 405, 'method_not_allowed')
    expect(String(put.headers['allow']).split(', ').sort()).toEqual(['GET', 'HEAD', 'POST'])
    expectProblem(await app.inject({ method: 'DELETE', url: '/v1/health' }), 405, 'method_not_allowed')
    expectProblem(await app.inject({ method: 'PATCH', url: '/mandate/v1/tasks/x/cancel' }), 405, 'method_not_allowed')
  })

  test('by a badly encoded path is 400', async () => {
    const { app, admin } = await open()
    expectProblem(await app.inject({ url: '/v1/tasks/%E0%A4%A', headers: admin.headers }), 400, 'malformed_request')
  })

  test.each([
    ['nonsense', 'hello\r\n\r\n'],
    ['too long headers', `GET /v1/health HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(100_000)}\r\n\r\n`],
    ['a method that is none', 'BREW /v1/tasks HTTP/1.1\r\nhost: x\r\n\r\n'],
  ])('and is %s is answered on the bare connection', async (_name, text) => {
    const { listen } = await open()
    const { hostname, port } = new URL(await listen())
    const answer = await new Promise<string>((resolve) => {
      let received = ''
      const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(text))
      socket.setEncoding('utf8').on('data', (part) => {
        received += part
      })
      socket.on('error', () => undefined)
      socket.on('close', () => resolve(received))
    })
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    expect(head).toMatch(/^HTTP\/1.1 400 Bad Request\r\ncontent-type: application\/problem\+json/)
    expect(JSON.parse(body)).toMatchObject({ status: 400, code: 'malformed_request' })
  })
})

describe('a server that cannot', () => {
  test('says nothing of its own mistakes', async () => {
    const secret = 'secret detail of a defect'
    const { call, errors } = await open({
      wrapStore: (store) => ({ ...store, readSnapshot: async () => Promise.reject(new TypeError(secret)) }),
    })
    const answer = await call('GET', `/v1/tasks/${world.deps.randomness.newId()}`)
    expectProblem(answer, 500, 'internal')
    expect(answer.body + JSON.stringify(answer.headers)).not.toMatch(/secret|TypeError|\.ts|at /)
    expect(errors).toMatchObject([{ facts: { err: { message: secret } } }])
  })

  test.each(['overloaded', 'storage_unavailable'] as const)(
    'write says %s with 503 and when to try again',
    async (code) => {
      const refusal = new Refusal(code, 'Not now.', { retryAfterMs: 1_500 })
      let broken = false
      const { call } = await open({
        wrapStore: (store) => ({
          ...store,
          commit: (commit) => (broken ? Promise.reject(refusal) : store.commit(commit)),
          health: () => {
            return { ...store.health(), writable: !broken, problem: broken ? 'The disk is full.' : undefined }
          },
        }),
      })
      broken = true
      const answer = await call('POST', '/v1/tasks', { input: 'x' })
      expectProblem(answer, 503, code)
      expect(answer.headers['retry-after']).toBe('2')
      const health = await call('GET', '/v1/health')
      expect([health.statusCode, health.json()]).toEqual([
        503,
        {
          live: true,
          ready: false,
          degraded: ['The storage of the server cannot be used at the moment. Try again later.'],
          version: '0.0.0-test',
        },
      ])
    },
  )
})

test('every answer carries an id of its request', async () => {
  const { app, call } = await open()
  const answers = [
    await call('GET', '/v1/tasks'),
    await call('GET', '/v1/nonsense'),
    await app.inject('/v1/tasks'),
    await app.inject('/v1/health'),
  ]
  const ids = answers.map(({ headers }) => headers['x-request-id'])
  expect(new Set(ids).size).toBe(4)
  for (const id of ids) expect(id).toMatch(/^[\w-]{8}-\w+$/)
})

test('health and measures are open, and tell what they should', async () => {
  const { app, call } = await open()
  await call('POST', '/v1/tasks', { input: 'x' })
  const health = await app.inject('/mandate/v1/health')
  expect([health.statusCode, health.json()]).toEqual([
    200,
    { live: true, ready: true, degraded: [], version: '0.0.0-test' },
  ])
  const { body, headers } = await app.inject('/metrics')
  expect(headers['content-type']).toMatch(/^text\/plain/)
  expect(body).toContain('mandate_http_requests_total{method="POST",route="/v1/tasks",status="202"} 1')
  expect(body).toMatch(/^mandate_storage_writable 1$/m)
  expect(body).not.toMatch(/mdt_/)
})

test('the address itself says what this is and where to go on, whatever key comes with it', async () => {
  const { app, admin, addCaller } = await open()
  const { headers: other } = await addCaller('operator', { dialect: 'certior' })
  for (const headers of [{}, admin.headers, other, { authorization: 'Bearer x' }]) {
    const page = await app.inject({ url: '/', headers })
    expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8'])
    expect(page.body).toMatch(/^Mandate 0.0.0-test: /)
    const paths = [...page.body.matchAll(/^ {2}(\/[\w./-]+)(?:, (\/\w+))? /gmu)].flatMap(([, ...found]) => found)
    expect(paths.filter(Boolean).length).toBeGreaterThan(5)
    for (const url of paths) if (url) expect((await app.inject({ url })).statusCode, url).not.toBe(404)
  }
  expectProblem(await app.inject({ method: 'POST', url: '/' }), 405, 'method_not_allowed')
})

describe('the probes', () => {
  const ask = async (app: World['app']) => {
    const [live, ready] = [await app.inject('/livez'), await app.inject('/readyz')]
    expect([live.headers['cache-control'], ready.headers['cache-control']]).toEqual(['no-store', 'no-store'])
    return [live.statusCode, live.json(), ready.statusCode, ready.json()]
  }

  test('say that a server lives and takes new work', async () => {
    const { app } = await open()
    expect(await ask(app)).toEqual([200, { live: true }, 200, { ready: true, degraded: [] }])
  })

  test('say that a server without its disk lives and takes none', async () => {
    const health = () => ({ writable: false, problem: 'The disk is full.', filesGone: false, waitingCommits: 0 })
    const { app } = await open({ wrapStore: (store) => ({ ...store, health }) })
    const degraded = expect.arrayContaining([expect.any(String)])
    expect(await ask(app)).toEqual([200, { live: true }, 503, { ready: false, degraded }])
  })

  test('say that a server that stops lives and takes none', async () => {
    const { app, listen } = await open()
    let url = ''
    const asked = Promise.withResolvers<unknown>()
    // The streams have been told that it stops; what comes meanwhile is still answered.
    app.addHook('preClose', async () => {
      const [live, ready] = [await fetch(`${url}/livez`), await fetch(`${url}/readyz`)]
      asked.resolve([live.status, ready.status, await ready.json()])
    })
    url = await listen()
    await app.close()
    expect(await asked.promise).toEqual([200, 503, { ready: false, degraded: ['The server is stopping.'] }])
  })
})
