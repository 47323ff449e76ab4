import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { prefixOf } from '../../../src/auth/api-key.ts'
import { dialects, roles } from '../../../src/domain/principal.ts'
import { type Caller, createWorld, type World } from '../../support/create-world.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.close())

const callerOf = (key: string): Caller => ({
  user: world.admin.user,
  keyId: '',
  key,
  headers: { authorization: `Bearer ${key}` },
})
const listWith = async (key: string) =>
  (await world.call('GET', '/mandate/v1/tasks', undefined, callerOf(key))).statusCode

describe('a key', () => {
  test('is shown whole once, opens the door, and is never shown again', async () => {
    const created = await world.call('POST', '/v1/keys', { name: 'laptop' })
    expect(created.statusCode, created.body).toBe(201)
    expect(created.headers['cache-control']).toBe('no-store')
    const { key, webhook_secret, ...shown } = created.json()
    expect(webhook_secret).toMatch(/^whsec_/u)
    expect(key).toMatch(/^mdt_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}$/)
    expect(shown).toMatchObject({
      name: 'laptop',
      dialect: 'native',
      prefix: prefixOf(key),
      user_id: world.admin.user.id,
      agent_id: null,
      role: 'operator',
      revoked_at: null,
    })
    expect(await listWith(key)).toBe(200)
    const listed = await world.call('GET', '/v1/keys')
    expect(listed.json().keys).toContainEqual(shown)
    expect(listed.body).not.toContain(key.slice(-43))
    const stored = await world.deps.store.readKey(shown.id)
    expect(JSON.stringify(stored)).not.toContain(key.slice(-43))
  })

  test.each(dialects)('can be made for %s, and is recognised by its form', async (dialect) => {
    const { key, prefix } = (
      await world.call('POST', '/v1/keys', { name: 'k', dialect, agent_id: world.agent.id })
    ).json()
    expect(prefixOf(key)).toBe(prefix)
    expect(await listWith(key)).toBe(200)
  })

  test('opens nothing from the moment it is revoked, and can be revoked again', async () => {
    const { key, id } = (await world.call('POST', '/v1/keys', { name: 'k' })).json()
    expect(await listWith(key)).toBe(200)
    const revoked = await world.call('DELETE', `/v1/keys/${id}`)
    expect([revoked.statusCode, revoked.json().revoked_at]).toEqual([200, expect.any(String)])
    expect(await listWith(key)).toBe(401)
    expect((await world.call('DELETE', `/v1/keys/${id}`)).json()).toEqual(revoked.json())
  })

  test('of somebody else is not there, but to administrators', async () => {
    const owner = await world.addCaller('operator')
    const { id } = (await world.call('POST', '/v1/keys', { name: 'k' }, owner)).json()
    const stranger = await world.addCaller('operator')
    for (const name of [id, world.deps.randomness.newId(), 'nonsense']) {
      const answer = await world.call('DELETE', `/v1/keys/${name}`, undefined, stranger)
      expect([answer.statusCode, answer.json().detail]).toEqual([404, 'There is no such key.'])
    }
    const mine = await world.call('GET', `/v1/keys?user_id=${owner.user.id}`, undefined, stranger)
    expect(mine.json().code).toBe('role_forbidden')
    const byAdmin = await world.call('GET', `/v1/keys?user_id=${owner.user.id}`)
    expect(byAdmin.json().keys).toHaveLength(2)
    expect((await world.call('DELETE', `/v1/keys/${id}`)).json().revoked_at).not.toBeNull()
  })

  test('is made for another user by administrators only, and for users and agents that are there', async () => {
    const { id } = (await world.call('POST', '/v1/users', { name: 'Bob' })).json()
    const { key } = (await world.call('POST', '/v1/keys', { name: 'k', user_id: id, role: 'viewer' })).json()
    expect(await listWith(key)).toBe(200)
    const operator = await world.addCaller('operator')
    const code = async (body: object, caller = operator) =>
      (await world.call('POST', '/v1/keys', { name: 'k', ...body }, caller)).json().code
    expect(await code({ user_id: id })).toBe('role_forbidden')
    expect(await code({ user_id: 'nobody' }, world.admin)).toBe('user_not_found')
    expect(await code({ agent_id: world.deps.randomness.newId() })).toBe('agent_not_found')
    expect(await code({ role: 'emperor' })).toBe('invalid_input')
    expect(await code({ dialect: 'klingon' })).toBe('invalid_input')
    expect(await code({ name: ' ' })).toBe('invalid_input')
  })

  test('is taken back by itself, and of its user only by keys whose role could have made it', async () => {
    const { user } = await world.addCaller('viewer')
    const made = {
      admin: roles,
      operator: ['operator', 'viewer'],
      approver: ['approver', 'viewer'],
      auditor: ['auditor', 'viewer'],
      viewer: ['viewer'],
    } as const
    for (const role of roles) {
      const caller = await world.addCaller(role, { userId: user.id })
      for (const other of roles) {
        const id = world.deps.randomness.newId()
        const victim = await world.addCaller(other, { id, userId: user.id })
        const answer = await world.call('DELETE', `/v1/keys/${id}`, undefined, caller)
        const allowed = (made[role] as readonly string[]).includes(other)
        expect(answer.statusCode, `${role} takes back ${other}`).toBe(allowed ? 200 : 403)
        expect(await listWith(victim.key)).toBe(allowed ? 401 : 200)
        const secret = await world.call('GET', `/v1/keys/${id}/webhook-secret`, undefined, caller)
        const submits = role === 'admin' || role === 'operator'
        expect(secret.statusCode, `${role} reads the secret of ${other}`).toBe(allowed && submits ? 200 : 403)
      }
    }
    for (const role of roles) {
      const id = world.deps.randomness.newId()
      const caller = await world.addCaller(role, { id, agentId: world.agent.id })
      expect((await world.call('DELETE', `/v1/keys/${id}`, undefined, caller)).statusCode, role).toBe(200)
    }
  })

  test('that is bound to an agent takes back itself only, and changes nothing of the agent, whatever its role', async () => {
    const owner = await world.addCaller('operator')
    const agent = (await world.call('POST', '/v1/agents', { name: 'a' }, owner)).json()
    for (const role of ['operator', 'admin'] as const) {
      const ofUser = { userId: owner.user.id, agentId: agent.id }
      const bound = await world.addCaller(role, ofUser)
      const id = world.deps.randomness.newId()
      await world.addCaller('viewer', { ...ofUser, id })
      const taken = await world.call('DELETE', `/v1/keys/${id}`, undefined, bound)
      expect([taken.statusCode, taken.json().code]).toEqual([404, 'key_not_found'])
      const changes = [
        ['PATCH', '', { capabilities: ['*'] }],
        ['POST', '/pause', undefined],
        ['POST', '/stop', undefined],
        ['POST', '/resume', undefined],
        ['DELETE', '', undefined],
      ] as const
      for (const [method, path, body] of changes) {
        const answer = await world.call(method, `/v1/agents/${agent.id}${path}`, body, bound)
        expect([answer.statusCode, answer.json().code], `${method} ${path}`).toEqual([403, 'role_forbidden'])
      }
    }
    expect((await world.call('GET', `/v1/agents/${agent.id}`, undefined, owner)).json()).toEqual(agent)
  })

  test('that could never open anything is not made', async () => {
    const owner = await world.addCaller('operator')
    const theirs = (await world.call('POST', '/v1/agents', { name: 'a' }, owner)).json()
    const { id: bob } = (await world.call('POST', '/v1/users', { name: 'Bob' })).json()
    const refusal = async (body: object, caller?: Caller) => {
      const { statusCode, json } = await world.call('POST', '/v1/keys', { name: 'k', ...body }, caller)
      return [statusCode, json().code, json().errors?.[0]?.field]
    }
    for (const agent of [{}, { agent_id: null }]) {
      expect(await refusal({ dialect: 'xagent', ...agent })).toEqual([422, 'invalid_input', 'agent_id'])
    }
    for (const dialect of dialects) {
      // The administrator may use the agent; who would use the key may not.
      const unusable = { dialect, agent_id: theirs.id, user_id: bob, role: 'operator' }
      expect(await refusal(unusable), dialect).toEqual([404, 'agent_not_found', undefined])
    }
    const before = (await world.call('GET', `/v1/keys?user_id=${bob}`)).json().keys
    expect(before).toEqual([])
    const made = await world.call('POST', '/v1/keys', { name: 'k', dialect: 'xagent', agent_id: theirs.id }, owner)
    const task = { agent_id: theirs.number, message: { content: 'hi' } }
    expect((await world.call('POST', '/v1/chat/tasks', task, callerOf(made.json().key))).statusCode).toBe(202)
  })

  test('of a viewer makes viewers', async () => {
    const viewer = await world.addCaller('viewer')
    expect((await world.call('POST', '/v1/keys', { name: 'k' }, viewer)).json().role).toBe('viewer')
  })

  test('lists go on from page to page', async () => {
    for (let at = 0; at < 4; at += 1) await world.call('POST', '/v1/keys', { name: `${at}` })
    const names: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const url: string = `/v1/keys?limit=2${cursor && `&cursor=${cursor}`}`
      const page = (await world.call('GET', url)).json()
      names.push(...page.keys.map(({ name }: { name: string }) => name))
      cursor = page.next_cursor
    }
    expect(names.slice().sort()).toEqual(['0', '1', '2', '3', 'admin'])
  })
})

describe('users and teams', () => {
  test('are created, read, changed and listed', async () => {
    const team = (
      await world.call('POST', '/v1/teams', { name: 'red', webhook_url: 'https://example.org/hook' })
    ).json()
    expect(team).toMatchObject({ name: 'red', webhook_url: 'https://example.org/hook', default_model: null })
    const user = (
      await world.call('POST', '/v1/users', { name: 'Bob', email: 'bob@example.org', team_id: team.id })
    ).json()
    expect(user).toMatchObject({ name: 'Bob', email: 'bob@example.org', team_id: team.id })
    expect((await world.call('GET', `/v1/users/${user.id}`)).json()).toEqual(user)
    expect((await world.call('GET', `/v1/teams/${team.id}`)).json()).toEqual(team)
    const moved = (await world.call('PATCH', `/v1/users/${user.id}`, { team_id: null, default_model: 'demo' })).json()
    expect(moved).toEqual({ ...user, team_id: null, default_model: 'demo' })
    const renamed = (await world.call('PATCH', `/v1/teams/${team.id}`, { name: 'blue', webhook_url: null })).json()
    expect(renamed).toEqual({ ...team, name: 'blue', webhook_url: null })
    expect((await world.call('GET', '/v1/users')).json().users).toHaveLength(2)
    expect((await world.call('GET', '/v1/teams')).json().teams).toEqual([renamed])
  })

  test('a user who changes teams sees at once what the new team sees', async () => {
    const team = (await world.call('POST', '/v1/teams', { name: 'red' })).json()
    const mate = await world.addCaller('operator', { teamId: team.id })
    const newcomer = await world.addCaller('operator')
    const task = await world.runTask({ input: 'say x', visibility: 'team' }, mate)
    const read = async () => (await world.call('GET', `/v1/tasks/${task.id}`, undefined, newcomer)).statusCode
    expect(await read()).toBe(404)
    await world.call('PATCH', `/v1/users/${newcomer.user.id}`, { team_id: team.id })
    expect(await read()).toBe(200)
  })

  test("a user's default model goes before the team's, and both before the operator's", async () => {
    const other = await createWorld({ env: { ANTHROPIC_API_KEY: 'k' }, started: false })
    try {
      const team = (await other.call('POST', '/v1/teams', { name: 't', default_model: 'opus-4.8' })).json()
      const caller = await other.addCaller('operator', { teamId: team.id })
      const model = async () => (await other.call('POST', '/v1/tasks', { input: 'x' }, caller)).json().run?.model_name
      expect(await model()).toBe('opus-4.8')
      await other.call('PATCH', `/v1/users/${caller.user.id}`, { default_model: 'demo' })
      expect(await model()).toBe('demo')
    } finally {
      await other.close()
    }
  })

  test.each([
    ['POST', '/v1/users', { name: '' }, 422, 'invalid_input'],
    ['POST', '/v1/users', { name: ' ' }, 422, 'invalid_input'],
    ['POST', '/v1/users', { name: 'x', email: 'nonsense' }, 422, 'invalid_input'],
    ['POST', '/v1/users', { name: 'x', team_id: '00000000-0000-7000-8000-000000000000' }, 404, 'team_not_found'],
    ['POST', '/v1/users', { name: 'x', default_model: 'gpt-99' }, 422, 'model_unknown'],
    ['POST', '/v1/teams', { name: 'x', webhook_url: 'ftp://example.org' }, 422, 'invalid_input'],
    ['PATCH', '/v1/users/nobody', { name: 'x' }, 404, 'user_not_found'],
    ['PATCH', '/v1/teams/nobody', { name: 'x' }, 404, 'team_not_found'],
    ['GET', '/v1/users/nobody', undefined, 404, 'user_not_found'],
    ['GET', '/v1/teams/nobody', undefined, 404, 'team_not_found'],
  ] as const)('%s %s %j is %i %s', async (method, url, body, status, code) => {
    const answer = await world.call(method, url, body)
    expect([answer.statusCode, answer.json().code]).toEqual([status, code])
  })
})
