import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../../support/create-world.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.close())

const read = (ending: string) => readFileSync(new URL(`../../../policies/default.${ending}`, import.meta.url), 'utf8')
const cedar = read('cedar')
const documentWith = (over: object) => ({ ...JSON.parse(read('json')), name: 'mine', title: 'Mine', ...over })

describe('the policies of the server', () => {
  test('are listed by name, those that ship with it among them', async () => {
    const { policies } = (await world.call('GET', '/v1/policies')).json()
    expect(policies.map(({ name }: { name: string }) => name)).toEqual(['default', 'hipaa', 'legal_privilege', 'sox'])
    expect(policies[0]).toEqual({
      name: 'default',
      title: 'Default',
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/u),
      builtin: true,
      created_at: expect.any(String),
    })
  })

  test('are read by name, by another word for it, and by digest, whole', async () => {
    const viewer = await world.addCaller('viewer')
    const byName = (await world.call('GET', '/v1/policies/legal_privilege', undefined, viewer)).json()
    expect(byName.document.ceiling).toContain('document:read:legal_docs')
    expect(byName.cedar).toContain('permit')
    expect((await world.call('GET', '/v1/policies/legal')).json()).toEqual(byName)
    expect((await world.call('GET', `/v1/policies/${byName.digest}`)).json()).toEqual(byName)
  })

  test.each(['none', 'Default', `sha256:${'0'.repeat(64)}`, 'constructor'])('%s is none of them', async (name) => {
    const answer = await world.call('GET', `/v1/policies/${name}`)
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'policy_not_found'])
  })
})

describe('a policy of an operator', () => {
  test('is added, bounds the runs that are queued from then on, and leaves those before it as they were', async () => {
    const ceiling = ['workspace:read', 'workspace:write']
    const added = await world.call('POST', '/v1/policies', {
      document: documentWith({ ceiling, defaults: ceiling }),
      cedar,
    })
    expect(added.statusCode, added.body).toBe(201)
    const first = added.json()
    expect(first).toMatchObject({ name: 'mine', title: 'Mine', builtin: false, cedar, document: { ceiling } })
    expect(added.headers['location']).toBe(`http://127.0.0.1/mandate/v1/policies/${first.digest}`)

    const wish = { input: 'say x', policy: 'mine', capabilities: ['workspace:read', 'network:http:read'] }
    const task = await world.runTask(wish)
    expect(task).toMatchObject({ policy: { name: 'mine', digest: first.digest }, capabilities: ['workspace:read'] })
    expect(task.denied_capabilities).toEqual([
      { permission: 'network:http:read', reason: 'exceeds_policy_ceiling', detail: expect.any(String) },
    ])
    const changed = (
      await world.call('POST', '/v1/policies', { document: documentWith({ ceiling: ['*'] }), cedar })
    ).json()
    expect(changed.digest).not.toBe(first.digest)
    expect((await world.call('GET', `/v1/tasks/${task.id}`)).json().policy.digest).toBe(first.digest)
    expect((await world.runTask(wish)).policy.digest).toBe(changed.digest)
    expect((await world.call('GET', '/v1/policies/mine')).json().digest).toBe(changed.digest)
    expect((await world.call('GET', `/v1/policies/${first.digest}`)).json()).toEqual(first)
  })

  test('may come as the text of its files, so that problems have their lines', async () => {
    const text = '{\n  "name": "mine",\n  "name": "other"\n}'
    const answer = await world.call('POST', '/v1/policies', { document: text, cedar })
    expect([answer.statusCode, answer.json().code]).toEqual([422, 'policy_invalid'])
    expect(answer.json().errors[0].field).toMatch(/^document:3:\d+$/u)
    expect((await world.call('GET', '/v1/policies')).json().policies).toHaveLength(4)
  })

  test('is checked without being added', async () => {
    const check = async (body: object) => (await world.call('POST', '/v1/policies/check', body)).json()
    expect(await check({ document: documentWith({}), cedar })).toEqual({
      ok: true,
      name: 'mine',
      digest: expect.stringMatching(/^sha256:/u),
      problems: [],
    })
    const wrong = await check({
      document: documentWith({}),
      cedar: 'permit (principal, action, resource)\nwhen { 1 };',
    })
    expect(wrong).toMatchObject({ ok: false, name: null, digest: null })
    expect(wrong.problems[0]).toMatchObject({ where: 'cedar', line: expect.any(Number), message: expect.any(String) })
    expect((await world.call('GET', '/v1/policies/mine')).statusCode).toBe(404)
  })

  test('is added by administrators only', async () => {
    for (const role of ['operator', 'approver', 'auditor', 'viewer'] as const) {
      const caller = await world.addCaller(role)
      const answer = await world.call('POST', '/v1/policies', { document: documentWith({}), cedar }, caller)
      expect([answer.statusCode, answer.json().code], role).toEqual([403, 'role_forbidden'])
    }
  })

  test('cannot take the name of one that ships with the server', async () => {
    const answer = await world.call('POST', '/v1/policies', { document: documentWith({ name: 'hipaa' }), cedar })
    expect([answer.statusCode, answer.json().code]).toEqual([409, 'name_taken'])
  })

  test.each([
    [{ cedar: 'x' }, 'document'],
    [{ document: {} }, 'cedar'],
    [{ document: 5, cedar: 'x' }, 'document'],
    [{ document: {}, cedar: 'x', name: 'y' }, 'name'],
  ])('%j is refused, naming %s', async (body, field) => {
    for (const path of ['/v1/policies', '/v1/policies/check']) {
      const answer = await world.call('POST', path, body)
      expect([answer.statusCode, answer.json().code], answer.body).toEqual([422, 'invalid_input'])
      expect(answer.json().errors[0].field).toBe(field)
    }
  })
})

describe('what a task is bounded by', () => {
  test('is the policy of its agent, unless it names another', async () => {
    const body = { name: 'a', model: 'demo', capabilities: ['*'], policy: 'legal' }
    const agent = (await world.call('POST', '/v1/agents', body)).json()
    expect(agent.policy).toBe('legal_privilege')
    const policyOf = async (wish: object) =>
      (await world.runTask({ input: 'say x', agent_id: agent.id, ...wish })).policy.name
    expect(await policyOf({})).toBe('legal_privilege')
    expect(await policyOf({ policy: null })).toBe('legal_privilege')
    expect(await policyOf({ policy: 'sox' })).toBe('sox')
    await world.call('PATCH', `/v1/agents/${agent.id}`, { policy: null })
    expect(await policyOf({})).toBe('default')
  })

  test('a further message may narrow anew', async () => {
    const task = await world.runTask({ input: 'say x' })
    expect(task).toMatchObject({ capabilities: ['*'], denied_capabilities: [], policy: { name: 'default' } })
    const headers = { ...world.admin.headers, prefer: 'wait=30' }
    const payload = { input: 'say y', policy: 'default', capabilities: ['workspace:read'] }
    const url = `/v1/tasks/${task.id}/messages`
    const further = await world.app.inject({ method: 'POST', url, headers, payload })
    expect(further.json()).toMatchObject({ capabilities: ['workspace:read'] })
  })

  test('where nothing is left of what was asked for, the task is refused with each reason', async () => {
    const body = { input: 'x', policy: 'hipaa', capabilities: ['*', 'network:email:external'] }
    const answer = await world.call('POST', '/v1/tasks', body)
    expect([answer.statusCode, answer.json().code], answer.body).toEqual([403, 'capability_denied'])
    expect(answer.json().denied).toEqual([
      { permission: '*', reason: 'wildcard_denied_under_compliance', detail: expect.any(String) },
      { permission: 'network:email:external', reason: expect.any(String), detail: expect.any(String) },
    ])
    expect(await world.deps.store.listTasks({}, { limit: 1 })).toEqual([])
  })

  test('a policy that is not there is refused, and told which there are', async () => {
    const agent = (await world.call('POST', '/v1/agents', { name: 'a' })).json()
    for (const answer of [
      await world.call('POST', '/v1/tasks', { input: 'x', policy: 'none' }),
      await world.call('POST', '/v1/agents', { name: 'b', policy: 'none' }),
      await world.call('PATCH', `/v1/agents/${agent.id}`, { policy: 'none' }),
    ]) {
      expect([answer.statusCode, answer.json().code], answer.body).toEqual([404, 'policy_not_found'])
      expect(answer.json().detail).toContain('default, hipaa, legal_privilege, sox')
    }
  })
})

describe('the path labels of an agent', () => {
  const labels = [{ path: 'patients/**', labels: ['phi'] }]

  test('are kept as they were given, changed and taken away', async () => {
    const agent = (await world.call('POST', '/v1/agents', { name: 'a', path_labels: labels })).json()
    expect(agent.path_labels).toEqual(labels)
    const url = `/v1/agents/${agent.id}`
    expect((await world.call('PATCH', url, { name: 'b' })).json().path_labels).toEqual(labels)
    expect((await world.call('PATCH', url, { path_labels: [] })).json().path_labels).toEqual([])
    expect((await world.call('GET', url)).json().path_labels).toEqual([])
  })

  test.each([
    [[{ path: '', labels: ['a'] }], 'path_labels.0.path'],
    [[{ path: 'x'.repeat(513), labels: ['a'] }], 'path_labels.0.path'],
    [[{ path: 'x', labels: [] }], 'path_labels.0.labels'],
    [[{ path: 'x', labels: ['Not a label'] }], 'path_labels.0.labels.0'],
    [[{ path: 'x', labels: ['x'.repeat(41)] }], 'path_labels.0.labels.0'],
    [[{ path: 'x', labels: ['a'], why: 'b' }], 'path_labels.0.why'],
    [[{ path: '!(x)', labels: ['a'] }], 'path_labels.0.path'],
    [[{ path: '{0..9999999}', labels: ['a'] }], 'path_labels.0.path'],
  ])('%j is refused, naming %s', async (path_labels, field) => {
    const answer = await world.call('POST', '/v1/agents', { name: 'a', path_labels })
    expect([answer.statusCode, answer.json().errors?.[0].field], answer.body).toEqual([422, field])
  })
})
