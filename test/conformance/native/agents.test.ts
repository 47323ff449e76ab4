import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ModelError } from '../../../src/model/model.ts'
import { createWorld, type World } from '../../support/create-world.ts'
import { createPushedModels } from '../../support/pushed-models.ts'
import { createScriptedModels } from '../../support/scripted-models.ts'

let world: World
beforeEach(async () => {
  world = await createWorld({ limits: { instructions_chars_max: 50 } })
})
afterEach(() => world.close())

const create = async (body: object) => (await world.call('POST', '/v1/agents', { name: 'mine', ...body })).json()

describe('an agent', () => {
  test('is created with what was said and nothing else', async () => {
    const body = {
      name: 'Reader',
      description: 'Reads.',
      instructions: 'Read well.',
      model: 'demo',
      tools: ['read_file', 'list_files', 'read_file'],
      capabilities: ['workspace:*'],
      timeout_seconds: 60,
      max_steps: 5,
      concurrency: 2,
    }
    const created = await world.call('POST', '/v1/agents', body)
    expect(created.statusCode, created.body).toBe(201)
    const agent = created.json()
    expect(created.headers['location']).toBe(`http://127.0.0.1/mandate/v1/agents/${agent.id}`)
    expect(agent).toMatchObject({
      ...body,
      tools: ['read_file', 'list_files'],
      number: 2,
      owner: world.admin.user.id,
      team_id: null,
      visibility: 'private',
      provider: null,
      state: 'active',
    })
    expect((await world.call('GET', `/v1/agents/${agent.id}`)).json()).toEqual(agent)
    expect((await world.call('GET', '/v1/agents/2')).json()).toEqual(agent)
    expect(await create({})).toMatchObject({ tools: [], capabilities: [], instructions: null, model: null })
  })

  test('that has tools and not what they need is created with a warning that names it, and is granted nothing', async () => {
    const agent = await create({ tools: ['read_file', 'fetch_url'], capabilities: ['network:*'] })
    expect(agent).toMatchObject({
      capabilities: ['network:*'],
      warnings: [
        {
          code: 'tools_lack_capabilities',
          tools: ['read_file'],
          capabilities: ['filesystem:read'],
          message: expect.stringContaining('read_file'),
        },
      ],
    })
    const body = { capabilities: ['network:*', 'filesystem:read'] }
    const changed = (await world.call('PATCH', `/v1/agents/${agent.id}`, body)).json()
    expect(changed.warnings).toEqual([])
    const narrowed = (await world.call('PATCH', `/v1/agents/${agent.id}`, { capabilities: [] })).json()
    expect(narrowed.warnings).toMatchObject([{ capabilities: ['filesystem:read', 'network:http:read'] }])
  })

  test('may be given the tools that are listed with the capabilities that they need', async () => {
    const { tools } = (await world.call('GET', '/v1/tools')).json()
    expect(
      tools.map(({ name, capabilities }: { name: string; capabilities: string[] }) => [name, capabilities]),
    ).toEqual([
      ['list_files', ['filesystem:read']],
      ['read_file', ['filesystem:read']],
      ['write_file', ['filesystem:write']],
      ['fetch_url', ['network:http:read']],
    ])
    for (const { name, capabilities } of tools)
      expect((await create({ tools: [name], capabilities })).warnings).toEqual([])
  })

  test('changes only where it is told to', async () => {
    const agent = await create({ instructions: 'Be brief.', max_steps: 3, model: 'demo' })
    const change = { name: 'renamed', max_steps: null }
    const changed = (await world.call('PATCH', `/v1/agents/${agent.id}`, change)).json()
    expect(changed).toEqual({ ...agent, ...change, updated_at: changed.updated_at })
    expect(changed.updated_at > agent.updated_at).toBe(true)
    const bare = (await world.call('PATCH', `/v1/agents/${agent.id}`, { instructions: null })).json()
    expect(bare.instructions).toBeNull()
  })

  test('is not changed under a run that was queued before', async () => {
    const agent = await create({ model: 'demo', max_steps: 7 })
    await world.call('POST', `/v1/agents/${agent.id}/resume`)
    const body = { input: 'say x', agent_id: agent.id, not_before: '2100-01-01T00:00:00Z' }
    const task = (await world.call('POST', '/v1/tasks', body)).json()
    await world.call('PATCH', `/v1/agents/${agent.id}`, { max_steps: 1 })
    expect((await world.call('GET', `/v1/tasks/${task.id}`)).json().run.max_steps).toBe(7)
  })

  test('does with its tools only what it was granted', async () => {
    const denied = await create({ tools: ['write_file'], capabilities: [] })
    const granted = await create({ tools: ['write_file'], capabilities: ['*'] })
    const input = 'write x to a.txt'
    expect(await world.runTask({ input, agent_id: denied.id })).toMatchObject({ state: 'blocked' })
    expect(await world.runTask({ input, agent_id: granted.id })).toMatchObject({ state: 'succeeded' })
  })

  test.each([
    [{ tools: ['read_file', 'no_tool'] }, 'tool_unknown', 'tools', undefined],
    [{ capabilities: ['Not A Capability'] }, 'invalid_input', 'capabilities', undefined],
    [{ model: 'gpt-99' }, 'model_unknown', 'model', undefined],
    [{ provider: 'nobody' }, 'model_unknown', 'provider', undefined],
    [{ name: ' ' }, 'invalid_input', 'name', undefined],
    [{ name: 'x'.repeat(201) }, 'invalid_input', 'name', 'name_chars_max'],
    [{ instructions: 'x'.repeat(51) }, 'invalid_input', 'instructions', 'instructions_chars_max'],
    [{ max_steps: 201 }, 'invalid_input', 'max_steps', 'steps_max'],
    [{ timeout_seconds: 86_401 }, 'invalid_input', 'timeout_seconds', 'run_timeout_seconds_max'],
    [{ concurrency: 0 }, 'invalid_input', 'concurrency', undefined],
    [{ state: 'paused' }, 'invalid_input', 'state', undefined],
  ])('with %j is refused with %s, naming %s and the limit %s', async (body, code, field, limit) => {
    const agent = await create({})
    const asked = [
      await world.call('POST', '/v1/agents', { name: 'mine', ...body }),
      await world.call('PATCH', `/v1/agents/${agent.id}`, body),
    ]
    for (const answer of asked) {
      expect([answer.statusCode, answer.json().code], answer.body).toEqual([422, code])
      expect([answer.json().errors[0].field, answer.json().limit]).toEqual([field, limit])
    }
    expect((await world.call('GET', `/v1/agents/${agent.id}`)).json()).toEqual(agent)
  })

  test('is told which tools there are', async () => {
    const answer = await world.call('POST', '/v1/agents', { name: 'x', tools: ['no_tool'] })
    expect(answer.json().errors[0].message).toContain('read_file')
  })

  test('of an owner is made public by an administrator only', async () => {
    const owner = await world.addCaller('operator')
    const agent = (await world.call('POST', '/v1/agents', { name: 'shared' }, owner)).json()
    const url = `/v1/agents/${agent.id}`
    expect((await world.call('PATCH', url, { visibility: 'public' }, owner)).statusCode).toBe(403)
    expect((await world.call('PATCH', url, { visibility: 'public' })).json().visibility).toBe('public')
    const stranger = await world.addCaller('operator')
    expect((await world.call('GET', url, undefined, stranger)).json().id).toBe(agent.id)
    const refused = await world.call('PATCH', url, { name: 'stolen' }, stranger)
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'role_forbidden'])
    expect((await world.call('PATCH', url, { name: 'still mine' }, owner)).json().visibility).toBe('public')
  })
})

describe('the state of an agent', () => {
  test('decides about new tasks; what is running goes on', async () => {
    const agent = await create({})
    const submit = () => world.call('POST', '/v1/tasks', { input: 'say x', agent_id: agent.id })
    for (const [verb, state, status] of [
      ['pause', 'paused', 409],
      ['stop', 'stopped', 409],
      ['resume', 'active', 202],
    ] as const) {
      const answer = await world.call('POST', `/v1/agents/${agent.id}/${verb}`)
      expect([answer.statusCode, answer.json().state]).toEqual([200, state])
      expect((await world.call('POST', `/v1/agents/${agent.id}/${verb}`)).json()).toEqual(answer.json())
      const submitted = await submit()
      expect([submitted.statusCode, submitted.json().code]).toEqual([
        status,
        status === 409 ? 'agent_unavailable' : undefined,
      ])
      const { agents } = (await world.call('GET', `/v1/agents?state=${state}`)).json()
      expect(agents.map(({ id }: { id: string }) => id)).toContain(agent.id)
    }
  })

  test.each(['update', 'resume'])('error is left by %s', async (way) => {
    const broken = new ModelError('credential_refused', 'no', { retryable: false, configuration: true })
    const models = createScriptedModels([{ throws: broken }])
    const other = await createWorld({ models })
    try {
      const url = `/v1/agents/${other.agent.id}`
      for (let failed = 0; failed < 3; failed += 1) await other.runTask({ input: 'x' })
      const state = async () => (await other.call('GET', url)).json().state
      await expect.poll(state).toBe('error')
      const refused = await other.call('POST', '/v1/tasks', { input: 'x' })
      expect(refused.json().code).toBe('agent_unavailable')
      if (way === 'update') await other.call('PATCH', url, { description: 'repaired' })
      else await other.call('POST', `${url}/resume`)
      expect(await state()).toBe('active')
    } finally {
      await other.close()
    }
  })
})

describe('deleting an agent', () => {
  test('waits for its runs, keeps its tasks and ends its use', async () => {
    const pushed = createPushedModels()
    const other = await createWorld({ models: pushed.models })
    try {
      const agent = (await other.call('POST', '/v1/agents', { name: 'short-lived' })).json()
      const url = `/v1/agents/${agent.id}`
      const task = (await other.call('POST', '/v1/tasks', { input: 'x', agent_id: agent.id })).json()
      const refused = await other.call('DELETE', url)
      expect([refused.statusCode, refused.json().code]).toEqual([409, 'agent_busy'])
      pushed.end()
      await other.call('GET', `/v1/tasks/${task.id}?wait=20`)
      expect((await other.call('DELETE', url)).statusCode).toBe(204)
      expect((await other.call('GET', url)).json().code).toBe('agent_not_found')
      expect((await other.call('DELETE', url)).json().code).toBe('agent_not_found')
      expect((await other.call('GET', `/v1/tasks/${task.id}`)).json().agent_id).toBe(agent.id)
      const message = await other.call('POST', `/v1/tasks/${task.id}/messages`, { input: 'y' })
      expect(message.json().code).toBe('agent_not_found')
    } finally {
      await other.close()
    }
  })
})

test('the list is newest first and goes on from page to page', async () => {
  for (let at = 0; at < 5; at += 1) await create({ name: `agent ${at}` })
  const first = (await world.call('GET', '/v1/agents?limit=4')).json()
  const second = (await world.call('GET', `/v1/agents?limit=4&cursor=${first.next_cursor}`)).json()
  expect([...first.agents, ...second.agents].map(({ number }) => number)).toEqual([6, 5, 4, 3, 2, 1])
  expect([first.has_more, second.has_more, second.next_cursor]).toEqual([true, false, null])
  expect(first.agents[0]).not.toHaveProperty('instructions')
})

test('the models are listed with what is missing to use them', async () => {
  const { models } = (await world.call('GET', '/v1/models')).json()
  const names = models.map(({ name }: { name: string }) => name)
  expect(names).toEqual(expect.arrayContaining(['auto', 'demo', 'opus-4.8']))
  const find = (name: string) => models.find((model: { name: string }) => model.name === name)
  expect(find('demo')).toMatchObject({ provider: 'demo', available: true, unavailable_reason: null, default: true })
  expect(find('opus-4.8')).toMatchObject({ available: false })
  expect(find('opus-4.8').unavailable_reason).toContain('ANTHROPIC_API_KEY')
})
