import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Role, roles } from '../../../src/domain/principal.ts'
import { type Caller, createWorld, type World } from '../../support/create-world.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.close())

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'
/** Everything that names a task or an agent, with a body that would be taken. */
const ofTask: readonly (readonly [Method, string, object | undefined])[] = [
  ['GET', '', undefined],
  ['GET', '?wait=1', undefined],
  ['GET', '/events', undefined],
  ['GET', '/events?after=1', undefined],
  ['GET', '/files', undefined],
  ['GET', '/files/a.txt', undefined],
  ['POST', '/messages', { input: 'x' }],
  ['POST', '/cancel', undefined],
  ['POST', '/stop', undefined],
  ['POST', '/resume', undefined],
]
const ofAgent: readonly (readonly [Method, string, object | undefined])[] = [
  ['GET', '', undefined],
  ['PATCH', '', { name: 'mine' }],
  ['DELETE', '', undefined],
  ['POST', '/pause', undefined],
  ['POST', '/stop', undefined],
  ['POST', '/resume', undefined],
]

const same = ({ statusCode, headers, rawPayload }: Awaited<ReturnType<World['call']>>) => {
  const { date: _date, 'x-request-id': _id, ...rest } = headers
  return { statusCode, headers: rest, body: rawPayload.toString('hex') }
}

describe("somebody else's", () => {
  test.each<(typeof ofTask)[number]>(ofTask)(
    'task is to %s %s as if it were not there, to the byte',
    async (method, path, body) => {
      const owner = await world.addCaller('operator')
      const task = await world.runTask({ input: 'write x to a.txt' }, owner)
      const strangers = [await world.addCaller('operator'), await world.addCaller('viewer')]
      for (const stranger of strangers) {
        const absent = await world.call(method, `/v1/tasks/${world.deps.randomness.newId()}${path}`, body, stranger)
        expect(absent.json().code).toBe('task_not_found')
        for (const name of [task.id, task.number, 'nonsense', 99, '0', '-1', '1e3', task.id.toUpperCase()]) {
          const answer = await world.call(method, `/v1/tasks/${name}${path}`, body, stranger)
          expect(same(answer), `${name}`).toEqual(same(absent))
        }
      }
      expect(await world.readEvents(task.id, owner)).toHaveLength(task.last_seq)
    },
  )

  test.each<(typeof ofAgent)[number]>(ofAgent)(
    'agent is to %s %s as if it were not there, to the byte',
    async (method, path, body) => {
      const owner = await world.addCaller('operator')
      const agent = (await world.call('POST', '/v1/agents', { name: 'theirs' }, owner)).json()
      const stranger = await world.addCaller('operator')
      const absent = await world.call(method, `/v1/agents/${world.deps.randomness.newId()}${path}`, body, stranger)
      expect(absent.json().code).toBe('agent_not_found')
      for (const name of [agent.id, agent.number, 'nonsense', 99]) {
        expect(same(await world.call(method, `/v1/agents/${name}${path}`, body, stranger)), `${name}`).toEqual(
          same(absent),
        )
      }
      expect((await world.call('GET', `/v1/agents/${agent.id}`, undefined, owner)).json()).toEqual(agent)
    },
  )

  test('agent takes no task of mine', async () => {
    const owner = await world.addCaller('operator')
    const agent = (await world.call('POST', '/v1/agents', { name: 'theirs' }, owner)).json()
    const stranger = await world.addCaller('operator')
    const ask = (agent_id: string) => world.call('POST', '/v1/tasks', { input: 'x', agent_id }, stranger)
    expect(same(await ask(agent.id))).toEqual(same(await ask(world.deps.randomness.newId())))
  })

  test('tasks, agents and keys are in no list of mine', async () => {
    const owner = await world.addCaller('operator')
    await world.runTask({ input: 'say x' }, owner)
    await world.call('POST', '/v1/agents', { name: 'theirs' }, owner)
    const stranger = await world.addCaller('operator')
    expect((await world.call('GET', '/v1/tasks', undefined, stranger)).json().tasks).toEqual([])
    const { agents } = (await world.call('GET', '/v1/agents', undefined, stranger)).json()
    expect(agents.map(({ name }: { name: string }) => name)).toEqual(['demo'])
    const { keys } = (await world.call('GET', '/v1/keys', undefined, stranger)).json()
    expect(keys.map(({ user_id }: { user_id: string }) => user_id)).toEqual([stranger.user.id])
  })
})

describe('what is shown to a team', () => {
  test('can be read and listed by it, and changed by nobody but its owner and administrators', async () => {
    const team = (await world.call('POST', '/v1/teams', { name: 'red' })).json()
    const owner = await world.addCaller('operator', { teamId: team.id })
    const mate = await world.addCaller('operator', { teamId: team.id })
    const stranger = await world.addCaller('operator')
    const shown = await world.runTask({ input: 'say x', visibility: 'team' }, owner)
    const hidden = await world.runTask({ input: 'say y' }, owner)
    const url = `/v1/tasks/${shown.id}`
    expect((await world.call('GET', url, undefined, mate)).json().id).toBe(shown.id)
    expect((await world.call('GET', `/v1/tasks/${hidden.id}`, undefined, mate)).statusCode).toBe(404)
    expect((await world.call('GET', url, undefined, stranger)).statusCode).toBe(404)
    const listed = (await world.call('GET', '/v1/tasks', undefined, mate)).json().tasks
    expect(listed.map(({ id }: { id: string }) => id)).toEqual([shown.id])
    const refused = await world.call('POST', `${url}/messages`, { input: 'x' }, mate)
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'role_forbidden'])
    expect((await world.call('POST', `${url}/messages`, { input: 'say z' })).statusCode).toBe(202)
  })
})

describe('a role', () => {
  type Deed = readonly [what: string, allowed: readonly Role[], act: (caller: Caller) => ReturnType<World['call']>]
  const call = (method: Method, url: string, body?: object) => (caller: Caller) => world.call(method, url, body, caller)
  const ofAdmin = (method: Method, path: string, body?: object) => async (caller: Caller) => {
    const task = await world.runTask({ input: 'say x' })
    return world.call(method, `/v1/tasks/${task.id}${path}`, body, caller)
  }
  const deeds: readonly Deed[] = [
    ['submits tasks', ['admin', 'operator'], call('POST', '/v1/tasks', { input: 'say x' })],
    ['creates agents', ['admin', 'operator'], call('POST', '/v1/agents', { name: 'a' })],
    ['makes an agent public', ['admin'], call('POST', '/v1/agents', { name: 'a', visibility: 'public' })],
    ["reads everybody's tasks", ['admin', 'auditor'], ofAdmin('GET', '')],
    ["adds to everybody's tasks", ['admin'], ofAdmin('POST', '/messages', { input: 'say y' })],
    ['lists tasks', roles, call('GET', '/v1/tasks')],
    ['lists agents', roles, call('GET', '/v1/agents')],
    ['lists models', roles, call('GET', '/v1/models')],
    ['makes keys for themself', roles, call('POST', '/v1/keys', { name: 'k' })],
    ['makes keys for operators', ['admin', 'operator'], call('POST', '/v1/keys', { name: 'k', role: 'operator' })],
    ['makes keys for approvers', ['admin', 'approver'], call('POST', '/v1/keys', { name: 'k', role: 'approver' })],
    ['makes keys for auditors', ['admin', 'auditor'], call('POST', '/v1/keys', { name: 'k', role: 'auditor' })],
    ['makes keys for administrators', ['admin'], call('POST', '/v1/keys', { name: 'k', role: 'admin' })],
    ['creates users', ['admin'], call('POST', '/v1/users', { name: 'u' })],
    ['lists users', ['admin'], call('GET', '/v1/users')],
    ['creates teams', ['admin'], call('POST', '/v1/teams', { name: 't' })],
    ['lists teams', ['admin'], call('GET', '/v1/teams')],
  ]
  test.each(deeds)('%s: only %j', async (what, allowed, act) => {
    for (const role of roles) {
      const { statusCode, body } = await act(await world.addCaller(role))
      const fine = statusCode < 300
      expect(fine, `${role} ${what}: ${statusCode} ${body}`).toBe(allowed.includes(role))
      if (!fine) expect([403, 404]).toContain(statusCode)
    }
  })
})

describe('a key that is bound to an agent', () => {
  test('sees and uses that agent only', async () => {
    const { call, addCaller, agent, runTask } = world
    const owner = await addCaller('operator')
    const own = (await call('POST', '/v1/agents', { name: 'bound', tools: [], capabilities: [] }, owner)).json()
    const other = await runTask({ input: 'say other' }, owner)
    const bound = await addCaller('operator', { userId: owner.user.id, agentId: own.id })
    const task = await runTask({ input: 'say x' }, bound)
    expect(task.agent_id).toBe(own.id)
    const ids = async (url: string, list: string) =>
      (await call('GET', url, undefined, bound)).json()[list].map(({ id }: { id: string }) => id)
    expect(await ids('/v1/tasks', 'tasks')).toEqual([task.id])
    expect(await ids(`/v1/tasks?agent_id=${agent.id}`, 'tasks')).toEqual([])
    expect(await ids('/v1/agents', 'agents')).toEqual([own.id])
    expect((await call('GET', `/v1/tasks/${other.id}`, undefined, bound)).statusCode).toBe(404)
    expect((await call('GET', `/v1/agents/${agent.id}`, undefined, bound)).statusCode).toBe(404)
    expect((await call('POST', '/v1/tasks', { input: 'x', agent_id: agent.id }, bound)).statusCode).toBe(404)
    expect((await call('POST', '/v1/agents', { name: 'more' }, bound)).statusCode).toBe(403)
    expect((await call('POST', '/v1/keys', { name: 'more' }, bound)).statusCode).toBe(403)
    expect((await call('GET', '/v1/keys', undefined, bound)).json().keys).toHaveLength(1)
  })
})
