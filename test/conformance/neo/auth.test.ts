import { SignJWT } from 'jose'
import { afterEach, describe, expect, test } from 'vitest'
import type { JwtSettings } from '../../../src/auth/verify-jwt.ts'
import { type Neo, openNeo } from './open-neo.ts'

let neo: Neo
afterEach(() => neo.world.close())

const secret = 'a secret of at least thirty-two bytes'
const jwt: JwtSettings = {
  secret,
  jwksUrl: undefined,
  issuer: 'https://id.example',
  audience: 'mandate',
  createUsers: false,
}

const openWithTokens = async (over: Partial<JwtSettings> = {}) => {
  neo = await openNeo({ started: false, settings: { jwt: { ...jwt, ...over } } })
  return neo
}
const sign = (subject: string, over: { issuer?: string; key?: string; alg?: string } = {}) =>
  new SignJWT({ name: 'Ada' })
    .setProtectedHeader({ alg: over.alg ?? 'HS256' })
    .setSubject(subject)
    .setIssuer(over.issuer ?? 'https://id.example')
    .setAudience('mandate')
    .setExpirationTime('1 minute')
    .sign(new TextEncoder().encode(over.key ?? secret))
const bearer = async (token: string | Promise<string>) => ({ authorization: `Bearer ${await token}` })
const create = (headers: Record<string, string>, url = '/api/v1/tasks') =>
  neo.world.app.inject({ method: 'POST', url, headers, payload: { task: 'x', response_format: 'json' } })

describe('a JSON web token', () => {
  test('makes its subject the owner of the task, on the shared path and under the mount', async () => {
    const { world, caller } = await openWithTokens()
    const headers = await bearer(sign(caller.user.id))
    for (const url of ['/api/v1/tasks', '/neo/api/v1/tasks']) {
      const answer = await create(headers, url)
      expect(answer.statusCode, answer.body).toBe(202)
      const read = await world.app.inject({ url: `/api/v1/tasks/${answer.json().id}`, headers })
      expect(read.json().task.created_by).toBe(caller.user.id)
    }
  })

  test('of a user that is not known is refused, unless users are to be made', async () => {
    const { world } = await openWithTokens()
    expect((await create(await bearer(sign('ada')))).statusCode).toBe(401)
    await world.close()
    await openWithTokens({ createUsers: true })
    const headers = await bearer(sign('ada'))
    expect((await create(headers)).statusCode).toBe(202)
    expect((await create(headers)).statusCode).toBe(202)
    expect(await neo.world.deps.store.readUser('ada')).toMatchObject({ id: 'ada', name: 'Ada' })
  })

  test('that is not to be trusted is refused in the words of Neo, all alike', async () => {
    const { caller } = await openWithTokens()
    const bad = [
      sign(caller.user.id, { key: 'another secret of thirty-two bytes!' }),
      sign(caller.user.id, { issuer: 'https://else.example' }),
      sign(caller.user.id, { alg: 'HS512', key: secret.repeat(2) }),
      sign('nobody'),
    ]
    const answers = await Promise.all(bad.map(async (token) => create(await bearer(token))))
    for (const answer of answers) {
      expect(answer.statusCode).toBe(401)
      expect(answer.json()).toMatchObject({ code: 'unauthorized', kind: 'unauthorized request' })
      expect(answer.body).toBe(answers[0]?.body)
    }
  })

  test('means nothing where the operator set no key for tokens', async () => {
    neo = await openNeo({ started: false })
    expect((await create(await bearer(sign(neo.caller.user.id)))).statusCode).toBe(401)
  })

  test("on another dialect's path keeps that dialect's words", async () => {
    const { world, caller } = await openWithTokens()
    const headers = await bearer(sign(caller.user.id))
    const answer = await world.app.inject({ url: '/mandate/v1/tasks/nonsense', headers })
    expect(answer.statusCode).toBe(404)
    expect(answer.headers['content-type']).toContain('application/problem+json')
  })
})

describe('a key', () => {
  test('begins with neo_sk_ and has 32 characters after it', async () => {
    neo = await openNeo({ started: false })
    expect(neo.caller.key).toMatch(/^neo_sk_[0-9A-Za-z]{32}$/u)
  })

  test('may come as a bearer token or in X-Api-Key', async () => {
    neo = await openNeo({ started: false })
    expect((await create(neo.caller.headers)).statusCode).toBe(202)
    expect((await create({ 'x-api-key': neo.caller.key })).statusCode).toBe(202)
  })

  test('that was revoked and one that never was are refused alike', async () => {
    neo = await openNeo({ started: false })
    const { key } = await neo.world.addCaller('operator', { dialect: 'neo', revokedAt: 1 })
    const revoked = await create({ 'x-api-key': key })
    const unknown = await create({ 'x-api-key': `neo_sk_${'0'.repeat(32)}` })
    expect(revoked.statusCode).toBe(401)
    expect(unknown.body).toBe(revoked.body)
  })

  test('of another dialect is taken under the mount', async () => {
    neo = await openNeo({ started: false })
    const answer = await create(neo.world.admin.headers, '/neo/api/v1/tasks')
    expect(answer.statusCode).toBe(202)
  })

  test('that is bound to an agent reaches the tasks of that agent only', async () => {
    neo = await openNeo({ started: false })
    const { world, submit, get } = neo
    const second = (await world.call('POST', '/v1/agents', { name: 'second', visibility: 'public' })).json()
    const me = await world.addCaller('operator', { dialect: 'neo' })
    const bound = await world.addCaller('operator', { dialect: 'neo', userId: me.user.id, agentId: second.id })
    const loose = await submit({ task: 'x' }, me)
    const own = await submit({ task: 'y' }, bound)
    expect((await get(`/api/v1/tasks/${loose.id}`, bound)).statusCode).toBe(404)
    expect((await get('/api/v1/tasks', bound)).json().tasks.map(({ id }: { id: string }) => id)).toEqual([own.id])
    expect((await submit({ task: 'z', id: loose.id }, bound)).id).not.toBe(loose.id)
  })
})
