import { afterEach, describe, expect, test } from 'vitest'
import { newKey } from '../../../src/auth/api-key.ts'
import type { Store } from '../../../src/store/store.ts'
import type { Caller } from '../../support/create-world.ts'
import { openXagent, type Xagent } from './open-xagent.ts'

let xagent: Xagent
const open = async (options?: Parameters<typeof openXagent>[0]) => {
  xagent = await openXagent(options)
  return xagent
}
afterEach(() => xagent.world.close())

type Headers = Record<string, string>

/** Everything that a caller may send instead of the key of an agent. */
async function wrongCredentials({ world, caller, addAgent, addAgentCaller }: Xagent) {
  const bearer = ({ headers }: Caller): Headers => ({ ...headers })
  const stranger = await world.addCaller('operator')
  const theirs = await addAgent({ ownerId: stranger.user.id, visibility: 'private' })
  return {
    nothing: {},
    'an empty header': { authorization: '' },
    'another scheme': { authorization: `Basic ${caller.key}` },
    'no scheme': { authorization: caller.key },
    'no form of a key': { authorization: 'Bearer hello' },
    'an unknown prefix': { authorization: `Bearer ${newKey('xagent').key}` },
    'a wrong secret': { authorization: `Bearer ${caller.key.slice(0, -32)}${'0'.repeat(32)}` },
    'a personal key': { authorization: `Bearer xag_personal_${caller.key.slice(4)}` },
    'a revoked key': bearer(await addAgentCaller(world.agent.id, { revokedAt: 1 })),
    'a key that is bound to no agent': bearer(await world.addCaller('operator', { dialect: 'xagent' })),
    'a key of another kind': bearer(world.admin),
    'a bound key of another kind': bearer(await addAgentCaller(world.agent.id, { dialect: 'native' })),
    'a key whose agent is not for its user': bearer(await addAgentCaller(theirs.id)),
    'a key whose agent is gone': bearer(await addAgentCaller(world.deps.randomness.newId())),
  } satisfies Record<string, Headers>
}

describe('authentication', () => {
  test('fails for every cause with the same bytes: 401 invalid_api_key', async () => {
    const xagent = await open()
    const seen = new Set<string>()
    for (const [name, headers] of Object.entries(await wrongCredentials(xagent))) {
      for (const [method, url] of [
        ['POST', '/xagent/v1/chat/tasks'],
        ['GET', '/xagent/v1/chat/tasks/1'],
        ['POST', '/xagent/v1/chat/tasks/1/messages'],
        ['GET', '/xagent/v1/chat/tasks/1/steps'],
        ['GET', '/xagent/v1/chat/tasks/1/events'],
        ['GET', '/xagent/v1/me'],
      ] as const) {
        const answer = await xagent.world.app.inject({ method, url, headers })
        expect(answer.statusCode, `${name}: ${method} ${url} ${answer.body}`).toBe(401)
        const { 'x-request-id': _id, date: _date, ...rest } = answer.headers
        seen.add(JSON.stringify([answer.body, rest]))
      }
    }
    expect([...seen]).toHaveLength(1)
    expect(JSON.parse([...seen][0] ?? '')[0]).toContain('"code":"invalid_api_key"')
    expect([...seen][0]).toContain('"www-authenticate":"Bearer"')
  })

  test('comes before the body is looked at', async () => {
    const { world } = await open()
    const headers = { 'content-type': 'application/json' }
    const answer = await world.app.inject({ method: 'POST', url: '/v1/chat/tasks', headers, payload: '{"agent_id":' })
    expect([answer.statusCode, answer.json().error.code]).toEqual([401, 'invalid_api_key'])
  })

  test('costs the same reads whatever is wrong, at the first try and at the next', async () => {
    let reads: string[] = []
    const counted = <T extends object>(store: T): T =>
      new Proxy(store, {
        get(target, name) {
          if (String(name).startsWith('read')) reads.push(String(name))
          return Reflect.get(target, name)
        },
      })
    const xagent = await open({ wrapStore: (store: Store) => counted(store) })
    const costs = new Map<string, string[]>()
    for (const [name, headers] of Object.entries(await wrongCredentials(xagent))) {
      // These are valid keys, and belong somewhere else.
      if (/another kind|no agent|whose agent/u.test(name)) continue
      for (const time of ['first', 'next']) {
        reads = []
        await xagent.world.app.inject({ url: '/xagent/v1/chat/tasks/1', headers })
        costs.set(`${name}, ${time}`, reads)
      }
    }
    expect([...costs.keys()].length).toBeGreaterThan(16)
    for (const [name, cost] of costs) expect(cost, name).toEqual(['readKeyByPrefix', 'readUser'])
  })

  test('takes the bearer token of an agent, whatever the case of the word', async () => {
    const { world, caller, bodyOf } = await open()
    for (const authorization of [`Bearer ${caller.key}`, `bearer ${caller.key}`]) {
      const payload = bodyOf('say hi')
      const answer = await world.app.inject({
        method: 'POST',
        url: '/v1/chat/tasks',
        headers: { authorization },
        payload,
      })
      expect(answer.statusCode, answer.body).toBe(202)
    }
  })
})

describe('the key’s agent', () => {
  test('is the only one there is: any other number is 404 agent_not_found, in the same bytes', async () => {
    const { call, addAgent, caller, world } = await open()
    const own = await addAgent({ ownerId: caller.user.id, visibility: 'private' })
    const hidden = await addAgent({ visibility: 'private' })
    const shown = await addAgent({ visibility: 'public' })
    const before = (await world.deps.store.listTasks({}, { limit: 10 })).length
    const bodies = new Set<string>()
    for (const agent_id of [own.number, hidden.number, shown.number, 999_999, 0, -1, Number.MAX_SAFE_INTEGER]) {
      const answer = await call('POST', '/v1/chat/tasks', { agent_id, message: { content: 'say hi' } })
      expect(answer.statusCode, `${agent_id} ${answer.body}`).toBe(404)
      bodies.add(answer.body)
    }
    expect([...bodies]).toEqual([
      JSON.stringify({ error: { code: 'agent_not_found', message: 'There is no such agent.' } }),
    ])
    expect(await world.deps.store.listTasks({}, { limit: 10 })).toHaveLength(before)
  })

  test('cannot reach a task of another user, of another agent, or of another dialect: as if it were not there', async () => {
    const { call, submit, addAgent, addAgentCaller, world, caller, bodyOf } = await open()
    const another = await addAgent({ ownerId: caller.user.id })
    const ofOtherAgent = await addAgentCaller(another.id, { userId: caller.user.id })
    const ofOtherUser = await addAgentCaller(world.agent.id)
    const ofAuditor = await addAgentCaller(world.agent.id, {}, 'auditor')
    const id = await submit('say hi')
    const native = await world.addCaller('operator', { userId: caller.user.id })
    const task = (await world.call('POST', '/mandate/v1/tasks', { input: 'say hi' }, native)).json()
    const shared = await world.call('POST', '/mandate/v1/tasks', { input: 'say hi', visibility: 'public' })
    const unreachable = [
      ['absent', 999_999, caller],
      ['of another agent', id, ofOtherAgent],
      ['of another user', id, ofOtherUser],
      ['of another user, for who reads all', id, ofAuditor],
      ['of another dialect', task.number, caller],
      ['shown to all', shared.json().number, caller],
      ['no number', 'abc', caller],
      ['an id', task.id, caller],
      ['zero', 0, caller],
    ] as const
    for (const path of ['', '/steps', '/events', '/messages']) {
      const answers = new Set<string>()
      for (const [name, number, who] of unreachable) {
        const url = `/v1/chat/tasks/${number}${path}`
        const body = path === '/messages' ? bodyOf('say more') : undefined
        const answer = await call(body ? 'POST' : 'GET', url, body, who)
        expect(answer.statusCode, `${name} ${answer.body}`).toBe(404)
        answers.add(answer.body)
      }
      expect([...answers]).toEqual([
        JSON.stringify({ error: { code: 'task_not_found', message: 'There is no such task.' } }),
      ])
    }
  })
})
