import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dialectOf, type RequestDialect } from '../../src/auth/dialect-of.ts'
import { type Dialect, dialects } from '../../src/domain/principal.ts'
import { createWorld, type World } from '../support/create-world.ts'

/** How each dialect refuses, as a client sees it. `shared` is what clients of both Certior and Neo can read. */
const envelopes: Readonly<Record<RequestDialect, (body: Record<string, unknown>, mediaType: string) => boolean>> = {
  native: (_body, mediaType) => mediaType.startsWith('application/problem+json'),
  xagent: ({ error }) => typeof error === 'object' && error !== null && 'code' in error,
  certior: (body) => Object.keys(body).join() === 'detail',
  neo: (body) => 'error_id' in body && !('detail' in body),
  agentrix: (body) => typeof body['error'] === 'string' && typeof body['message'] === 'string',
  shinzo: ({ success, meta }) => success === false && typeof meta === 'object',
  certior_or_neo: (body) => typeof body['error'] === 'string' && typeof body['detail'] === 'string' && 'code' in body,
}
/** Looked at in this order: the later ones have all that some earlier ones have. */
const recognised = ['native', 'shinzo', 'certior', 'certior_or_neo', 'neo', 'xagent', 'agentrix'] as const

/** Paths that more than one dialect has or could have, and one of each alone; with whose they are where no credential tells. */
const paths: readonly (readonly [method: 'GET' | 'POST', path: string, owner: RequestDialect])[] = [
  ['POST', '/api/v1/tasks', 'certior_or_neo'],
  ['GET', '/api/v1/tasks', 'neo'],
  ['GET', '/api/v1/tasks/7', 'neo'],
  ['GET', '/api/v1/executions', 'certior'],
  ['DELETE' as 'GET', '/api/v1/executions/7', 'certior'],
  ['GET', '/api/v1/agents/user/7', 'neo'],
  ['POST', '/api/v1/agents/delegate', 'certior'],
  ['GET', '/v1/tasks', 'agentrix'],
  ['POST', '/v1/tasks', 'agentrix'],
  ['GET', '/v1/tasks/7', 'agentrix'],
  ['GET', '/v1/tasks/7/events', 'agentrix'],
  ['POST', '/v1/tasks/7/cancel', 'agentrix'],
  ['GET', '/v1/chats', 'agentrix'],
  ['GET', '/v1/agents', 'xagent'],
  ['GET', '/v1/me', 'xagent'],
  ['GET', '/v1/chat/tasks/7', 'xagent'],
  ['GET', '/agent/list', 'shinzo'],
  ['POST', '/agent/request/7', 'shinzo'],
  ['GET', '/v1/agent/7', 'shinzo'],
  ['GET', '/ws/executions/7', 'certior'],
  ['GET', '/v1/models', 'native'],
  ['GET', '/v1/keys', 'native'],
  ['GET', '/v1/webhooks', 'native'],
  ['GET', '/nothing/here', 'native'],
]

const secret = 's'.repeat(32)
const wrongTail = 'x'.repeat(43)

/** A credential of each kind that opens nothing. */
const wrong: readonly (readonly [kind: string, credential: string | undefined, issued: RequestDialect | undefined])[] =
  [
    ['no credential', undefined, undefined],
    ['an empty one', '', undefined],
    ['an unknown one', 'something-else', undefined],
    ['a JSON web token', `eyJhbGciOiJIUzI1NiJ9.e30.${wrongTail}`, 'neo'],
    ['a native key', `mdt_${'x'.repeat(12)}_${wrongTail}`, 'native'],
    ['an Xagent key', `xag_${wrongTail}`, 'xagent'],
    ['a Certior key', `ck-${wrongTail}`, 'certior'],
    ['an older Certior key', `ck_${wrongTail}`, 'certior'],
    ['a Neo key', `neo_sk_${wrongTail}`, 'neo'],
    ['an Agentrix key', `agx_${wrongTail}`, 'agentrix'],
    ['a Shinzo key', `sk_shinzo_${wrongTail}`, 'shinzo'],
  ]

let world: World
beforeAll(async () => {
  const jwt = { secret, jwksUrl: undefined, issuer: undefined, audience: undefined, createUsers: true }
  world = await createWorld({ settings: { jwt, adminKey: 'operators-own-key' } })
})
afterAll(() => world.close())

interface Asked {
  readonly credential?: string | undefined
  readonly header?: string
  readonly payload?: string
}

async function ask(method: string, url: string, { credential, header = 'authorization', payload }: Asked = {}) {
  const value = header === 'authorization' ? `Bearer ${credential}` : String(credential)
  const answer = await world.app.inject({
    method: method as 'GET',
    url,
    headers: {
      ...(credential !== undefined && { [header]: value }),
      ...(payload !== undefined && { 'content-type': 'application/json' }),
    },
    ...(payload !== undefined && { payload }),
  })
  const body = answer.body.startsWith('{') ? answer.json() : {}
  const mediaType = String(answer.headers['content-type'])
  const speaks = recognised.find((dialect) => envelopes[dialect](body, mediaType))
  return { status: answer.statusCode, speaks, headers: answer.headers, body, text: answer.body }
}

/** The paths with two owners, and between whom a credential decides there. */
const sharers = (method: string, path: string): readonly (RequestDialect | undefined)[] => {
  if (method === 'POST' && path === '/api/v1/tasks') return ['certior', 'neo']
  if (/^\/v1\/tasks(\/|$)/u.test(path)) return ['agentrix', 'native']
  return /^\/v1\/(agents|me)$/u.test(path) ? ['xagent', 'native'] : []
}

function expected(method: string, path: string, issued: RequestDialect | undefined, owner: RequestDialect) {
  return issued !== undefined && sharers(method, path).includes(issued) ? issued : owner
}

describe('who words the refusal', () => {
  describe.each(paths)('of %s %s', (method, path, owner) => {
    test.each(wrong)('with %s', async (_kind, credential, issued) => {
      const dialect = expected(method, path, issued, owner)
      const answer = await ask(method, path, { credential })
      expect(answer.status, answer.text).toBeGreaterThanOrEqual(400)
      expect(answer.status, answer.text).toBeLessThan(500)
      expect(answer.speaks, answer.text).toBe(dialect)
      if (answer.status === 401) expect(answer.headers['www-authenticate']).toBe('Bearer')
    })

    test.each(dialects)('under the mount /%s, whatever the credential', async (dialect) => {
      const mount = dialect === 'native' ? 'mandate' : dialect
      for (const [kind, credential] of wrong) {
        const answer = await ask(method, `/${mount}${path}`, { credential })
        expect(answer.speaks, `${kind}: ${answer.text}`).toBe(dialect)
      }
    })
  })

  test('on a path with two owners a key tells it in each header that carries keys, and in the address', async () => {
    for (const [, credential, issued] of wrong) {
      if (credential === undefined || issued === undefined) continue
      const speaks = expected('POST', '/api/v1/tasks', issued, 'certior_or_neo')
      for (const header of ['x-api-key', 'x-shinzo-api-key']) {
        expect((await ask('POST', '/api/v1/tasks', { credential, header })).speaks).toBe(speaks)
      }
      expect((await ask('POST', `/api/v1/tasks?api_key=${credential}`)).speaks).toBe(speaks)
    }
  })

  test('is decided before the body is read: a stranger is told nothing about their body', async () => {
    for (const [, credential, issued] of wrong) {
      const answer = await ask('POST', '/api/v1/tasks', { credential, payload: '{' })
      expect(answer.speaks, answer.text).toBe(expected('POST', '/api/v1/tasks', issued, 'certior_or_neo'))
      expect(answer.status).toBe(401)
    }
  })
})

/** Routes at plain paths that one dialect alone has. */
const owned: readonly (readonly [method: string, path: string, owner: Dialect])[] = [
  ['POST', '/v1/chat/tasks', 'xagent'],
  ['GET', '/v1/chat/tasks/7', 'xagent'],
  ['GET', '/v1/chat/tasks/7/events', 'xagent'],
  ['GET', '/v1/templates', 'xagent'],
  ['GET', '/api/v1/executions', 'certior'],
  ['DELETE', '/api/v1/executions/7', 'certior'],
  ['GET', '/ws/executions/7', 'certior'],
  ['GET', '/api/v1/tasks', 'neo'],
  ['GET', '/api/v1/tasks/7', 'neo'],
  ['POST', '/v1/agentrix/tasks/start', 'agentrix'],
  ['GET', '/agent/list', 'shinzo'],
  ['POST', '/agent/request/7', 'shinzo'],
  ['GET', '/v1/models', 'native'],
  ['GET', '/v1/keys', 'native'],
]

describe('a path that one dialect owns', () => {
  test.each(owned)(
    '%s %s answers every credential that opens nothing there with one 401',
    async (method, path, owner) => {
      const valid = await Promise.all(
        dialects.filter((other) => other !== owner).map((dialect) => world.addCaller('operator', { dialect })),
      )
      const credentials = [...wrong.map(([, credential]) => credential), ...valid.map(({ key }) => key)]
      if (owner !== 'native') credentials.push('operators-own-key')
      const bodies = new Map<string, string[]>()
      for (const credential of credentials) {
        const answer = await ask(method, path, { credential })
        expect([answer.status, answer.speaks], `${credential} ${answer.text}`).toEqual([401, owner])
        // What was not sent at all and what is no key may be told how to send one.
        const kind = credential === undefined || credential.startsWith('eyJ') ? 'no key' : 'a key'
        const { meta: _, ...same } = answer.body
        bodies.set(kind, [...(bodies.get(kind) ?? []), JSON.stringify(same)])
      }
      expect(new Set(bodies.get('a key')).size).toBe(1)
      if (owner === 'xagent') expect(new Set([...bodies.values()].flat()).size).toBe(1)
    },
  )

  test.each(owned.filter(([method, , owner]) => method === 'GET' && owner !== 'xagent'))(
    '%s %s takes a key of any dialect under its mount',
    async (_method, path, owner) => {
      const mount = owner === 'native' ? 'mandate' : owner
      for (const dialect of dialects) {
        const { key } = await world.addCaller('admin', { dialect })
        const { status, text } = await ask('GET', `/${mount}${path}`, { credential: key })
        expect(status, `${dialect} ${text}`).not.toBe(401)
      }
    },
  )

  test.each(dialects)('is each that the document of %s names, or a key decides on it', async (dialect) => {
    const { body } = await ask('GET', `/${dialect === 'native' ? 'mandate' : dialect}/openapi.json`)
    const named = Object.entries<Record<string, object>>(body.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => [method.toUpperCase(), path] as const),
    )
    expect(named.length).toBeGreaterThan(4)
    // Each document is at its own mount only.
    const paths = named.filter(([, path]) => path !== '/openapi.json')
    for (const [method, path] of paths) expect(dialectOf(method, path, dialect), `${method} ${path}`).toBe(dialect)
  })
})

describe('the path that Certior and Neo share', () => {
  test('is refused with one body that clients of both read, where nothing tells them apart', async () => {
    for (const credential of [undefined, '', 'something-else']) {
      const answer = await ask('POST', '/api/v1/tasks', { credential })
      expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer'])
      expect(answer.body).toMatchObject({
        detail: expect.any(String),
        error: expect.any(String),
        code: 'unauthorized',
      })
    }
  })

  test('takes a task from a Certior key as Certior, from a Neo key and from a token as Neo', async () => {
    const payload = JSON.stringify({ task: 'say hi', response_format: 'json' })
    const certior = await world.addCaller('operator', { dialect: 'certior' })
    const neo = await world.addCaller('operator', { dialect: 'neo' })
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('somebody')
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(secret))
    const made = await ask('POST', '/api/v1/tasks', { credential: certior.key, payload })
    expect([made.status, made.body]).toMatchObject([201, { execution_id: expect.any(String) }])
    const byAddress = await ask('POST', `/api/v1/tasks?api_key=${certior.key}`, { payload })
    expect(byAddress.status).toBe(201)
    for (const credential of [neo.key, token]) {
      const started = await ask('POST', '/api/v1/tasks', { credential, payload })
      expect(started.status, started.text).toBe(202)
      expect(started.body).not.toHaveProperty('execution_id')
    }
  })

  test('asks the operator’s own key, which belongs to no dialect, to name one by a mount', async () => {
    const payload = JSON.stringify({ task: 'say hi', response_format: 'json' })
    const credential = 'operators-own-key'
    const answer = await ask('POST', '/api/v1/tasks', { credential, payload })
    expect([answer.status, answer.speaks]).toEqual([400, 'certior_or_neo'])
    expect(answer.body.detail).toContain('/certior/api/v1/tasks')
    expect((await ask('POST', '/certior/api/v1/tasks', { credential, payload })).status).toBe(201)
    expect((await ask('POST', '/neo/api/v1/tasks', { credential, payload })).status).toBe(202)
  })
})

describe('paths that the native API shares', () => {
  test('are answered natively for a native key, and by their owner for its key', async () => {
    const agentrix = await world.addCaller('operator', { dialect: 'agentrix' })
    const native = await ask('GET', '/v1/tasks', { credential: world.admin.key })
    expect([native.status, Object.keys(native.body)]).toEqual([200, ['tasks', 'has_more', 'next_cursor']])
    const theirs = await ask('GET', '/v1/tasks', { credential: agentrix.key })
    expect(theirs.status, theirs.text).toBe(200)
    expect(theirs.body).not.toHaveProperty('next_cursor')
  })

  test('the document of each dialect is at its own mount', async () => {
    const titles = new Set<string>()
    for (const dialect of dialects) {
      const mount = dialect === 'native' ? 'mandate' : dialect
      const { status, body } = await ask('GET', `/${mount}/openapi.json`)
      expect(status, dialect).toBe(200)
      titles.add(body.info.title)
    }
    expect(titles.size).toBe(dialects.length)
  })
})
