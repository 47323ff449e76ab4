import { SignJWT } from 'jose'
import { afterEach, expect, test } from 'vitest'
import type { JwtSettings } from '../../../src/auth/verify-jwt.ts'
import { openShinzo, type Shinzo } from './open-shinzo.ts'

let shinzo: Shinzo
const secret = 'a secret of at least thirty-two bytes'
const jwt: JwtSettings = { secret, jwksUrl: undefined, issuer: undefined, audience: undefined, createUsers: false }
const open = async () => {
  shinzo = await openShinzo({ started: false, settings: { jwt } })
  return shinzo
}
afterEach(() => shinzo.world.close())

const sign = (subject: string, { key = secret, ends = '1 minute' } = {}) =>
  new SignJWT()
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(subject)
    .setExpirationTime(ends)
    .sign(new TextEncoder().encode(key))

/** One request of each route. */
const routesOf = async ({ submit, agent }: Shinzo) => {
  const path = await submit({ message: 'say hi' })
  return [
    ['POST', `/agent/request/${agent.id}`, 202],
    ['GET', path, 200],
    ['POST', `${path}/message`, 200],
    ['POST', `${path}/cancel`, 200],
    ['GET', '/agent/list', 200],
  ] as const
}
const send = (method: 'GET' | 'POST', url: string, headers: Record<string, string>) =>
  shinzo.world.app.inject({ method, url, headers, ...(method === 'POST' && { payload: { message: 'say hi' } }) })

test('a token and a key in any of three headers are taken on every route, also under the mount', async () => {
  const { caller } = await open()
  const token = await sign(caller.user.id)
  const ways = [
    { authorization: `Bearer ${token}` },
    { authorization: `Bearer ${caller.key}` },
    { 'x-shinzo-api-key': caller.key },
    { 'x-api-key': caller.key },
  ]
  for (const headers of ways) {
    for (const mount of ['', '/shinzo']) {
      for (const [method, url, status] of await routesOf(shinzo)) {
        const answer = await send(method, mount + url, headers as Record<string, string>)
        expect(answer.statusCode, `${Object.keys(headers)} ${method} ${mount}${url} ${answer.body}`).toBe(status)
      }
    }
  }
})

test('no credential and none that is right are all the same 401, whatever is asked for', async () => {
  const { caller } = await open()
  const wrong = `${caller.key.slice(0, -1)}${caller.key.endsWith('a') ? 'b' : 'a'}`
  const ways: Record<string, string>[] = [
    {},
    { authorization: '' },
    { authorization: 'Basic abc' },
    { authorization: `Bearer ${wrong}` },
    { 'x-shinzo-api-key': 'sk_shinzo_1' },
    { 'x-api-key': wrong },
    { authorization: `Bearer ${await sign('nobody')}` },
    { authorization: `Bearer ${await sign(caller.user.id, { key: 'another secret of thirty-two bytes!' })}` },
    { authorization: `Bearer ${await sign(caller.user.id, { ends: '1 minute ago' })}` },
  ]
  const bodies = new Set<string>()
  for (const [method, url] of await routesOf(shinzo)) {
    for (const headers of ways) {
      const answer = await send(method, url, headers)
      expect([answer.statusCode, answer.json().error.code], JSON.stringify(headers)).toEqual([401, 'UNAUTHORIZED'])
      expect(answer.headers['www-authenticate']).toBe('Bearer')
      bodies.add(JSON.stringify({ ...answer.json(), meta: null }))
    }
  }
  expect(bodies.size).toBe(1)
})

test('a key of somebody who may only look submits nothing: 403', async () => {
  const { world, call, agent } = await open()
  for (const role of ['viewer', 'auditor', 'approver'] as const) {
    const { user } = shinzo.caller
    const viewer = await world.addCaller(role, { dialect: 'shinzo', userId: user.id })
    const answer = await call('POST', `/agent/request/${agent.id}`, { message: 'say hi' }, viewer)
    expect([answer.statusCode, answer.json().error.code]).toEqual([403, 'FORBIDDEN'])
  }
})
