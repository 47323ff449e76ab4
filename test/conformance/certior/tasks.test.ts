import { afterEach, describe, expect, test } from 'vitest'
import { createPushedModels } from '../../support/pushed-models.ts'
import { type Certior, coreId, openCertior } from './open-certior.ts'

let certior: Certior
const open = async (options?: Parameters<typeof openCertior>[0]) => {
  certior = await openCertior(options)
  return certior
}
afterEach(() => certior.world.close())

/** The body of the documented example. */
const example = {
  task: 'Summarize the discharge note. Redact direct identifiers. Apply minimum-necessary.',
  compliance_policy: 'hipaa',
  budget_cents: 2000,
}

describe('submitting', () => {
  test('the documented example is answered with 201 and exactly the documented body', async () => {
    const { call } = await open()
    const answer = await call('POST', '/api/v1/tasks', example)
    expect(answer.statusCode, answer.body).toBe(201)
    expect(answer.headers['content-type']).toMatch(/^application\/json/u)
    expect(answer.json()).toEqual({
      execution_id: expect.stringMatching(/^exec_[0-9a-f]{32}$/u),
      status: 'queued',
      websocket_url: expect.stringMatching(/^ws:\/\/.+\/ws\/executions\/exec_[0-9a-f]{32}$/u),
    })
    expect(answer.json().websocket_url).toMatch(new RegExp(`/ws/executions/${answer.json().execution_id}$`, 'u'))
  })

  test('the WebSocket URL follows the public URL and never the Host header', async () => {
    const { world, caller } = await open({ settings: { publicUrl: () => 'https://tasks.example/base' } })
    const headers = { ...caller.headers, host: 'evil.example' }
    const answer = await world.app.inject({ method: 'POST', url: '/api/v1/tasks', headers, payload: example })
    const { execution_id, websocket_url } = answer.json()
    expect(websocket_url).toMatch(
      new RegExp(`^wss://tasks\\.example/base/tickets/[^/]+/ws/executions/${execution_id}$`, 'u'),
    )
  })

  test('what was asked for is frozen with the run and shown', async () => {
    const { call, submit } = await open()
    const webhook_url = 'https://receiver.example/h'
    const verification_profile = { task_class: 'review' }
    const id = await submit({ ...example, permissions: ['filesystem:read'], webhook_url, verification_profile })
    const snapshot = await coreId(certior, id)
    expect(snapshot?.run.config).toMatchObject({
      policy: { name: 'hipaa' },
      capabilities: ['filesystem:read'],
      retentionDays: 2190,
    })
    expect(snapshot?.task.ledger.cap.micros_usd).toBe(20_000_000)
    const shown = (await call('GET', `/api/v1/executions/${id}`)).json()
    expect(shown).toMatchObject({
      compliance_policy: 'hipaa',
      budget_cents: 2000,
      requested_permissions: ['filesystem:read'],
      permissions: ['filesystem:read'],
      webhook_url,
      verification_profile,
    })
  })

  test('what its user wrote freely is kept where a purge takes it', async () => {
    const { submit } = await open({ started: false })
    const webhook_url = 'https://receiver.example/h'
    const id = await submit({ ...example, permissions: ['filesystem:read'], webhook_url })
    const kept = { permissions: ['filesystem:read'], private: { webhook_url } }
    const snapshot = await coreId(certior, id)
    expect(snapshot?.task).toMatchObject({ dialect: 'certior', extension: kept })
    expect(snapshot?.run.config.extension).toEqual(kept)
  })

  test('what was left out has its default: the default policy, 10000 cents, what the policy gives, the server’s model', async () => {
    const { call, submit } = await open()
    for (const body of [
      { task: 'say hi' },
      { task: 'say hi', compliance_policy: null, permissions: null, model: null },
    ]) {
      const execution = (await call('GET', `/api/v1/executions/${await submit(body)}`)).json()
      expect(execution).toMatchObject({
        compliance_policy: 'default',
        budget_cents: 10_000,
        permissions: ['*'],
        requested_permissions: null,
        llm_provider: 'demo',
      })
    }
    const body = { task: 'say hi', compliance_policy: 'legal' }
    const execution = (await call('GET', `/api/v1/executions/${await submit(body)}`)).json()
    expect(execution.permissions).toEqual(['document:read:legal_docs', 'document:write:legal_docs'])
  })

  test('a policy that is left out is the agent’s, where the agent has one', async () => {
    const { world, call, submit } = await open({ started: false })
    await world.call('PATCH', `/v1/agents/${world.agent.id}`, { policy: 'sox' })
    const policyOf = async (body: object) =>
      (await call('GET', `/api/v1/executions/${await submit(body)}`)).json().compliance_policy
    expect(await policyOf({ task: 'say hi' })).toBe('sox')
    expect(await policyOf({ task: 'say hi', compliance_policy: 'hipaa' })).toBe('hipaa')
  })

  test.each(['default', 'hipaa', 'sox', 'legal_privilege'])('the policy %s is taken', async (policy) => {
    const { call, submit } = await open()
    const id = await submit({ task: 'say hi', compliance_policy: policy })
    expect((await call('GET', `/api/v1/executions/${id}`)).json().compliance_policy).toBe(policy)
  })

  test('legal is another word for legal_privilege', async () => {
    const { call, submit } = await open()
    const id = await submit({ task: 'say hi', compliance_policy: 'legal' })
    expect((await call('GET', `/api/v1/executions/${id}`)).json().compliance_policy).toBe('legal_privilege')
  })

  test.each([100, 1_000_000])('a budget of %i cents is taken', async (budget_cents) => {
    const { call, submit } = await open()
    const id = await submit({ task: 'say hi', budget_cents })
    expect((await call('GET', `/api/v1/executions/${id}`)).json().budget_cents).toBe(budget_cents)
  })

  test('a provider and a model of the request are the run’s', async () => {
    const { call, submit } = await open({ env: { ANTHROPIC_API_KEY: 'k' }, started: false })
    const id = await submit({ task: 'say hi', provider: 'anthropic', model: 'claude-sonnet-4-5' })
    const execution = (await call('GET', `/api/v1/executions/${id}`)).json()
    expect(execution).toMatchObject({ llm_provider: 'anthropic', llm_model: 'claude-sonnet-4-5' })
  })

  test('a model alone is one of the default provider', async () => {
    const { call, submit } = await open({ env: { OPENAI_API_KEY: 'k' }, started: false })
    const executionOf = async (body: object) => (await call('GET', `/api/v1/executions/${await submit(body)}`)).json()
    const model = 'gpt-4o-mini'
    expect(await executionOf({ task: 'x', model })).toMatchObject({ llm_provider: 'openai', llm_model: model })
    const asked = { task: 'x', model: 'claude-sonnet-4-5', provider: null }
    expect(await executionOf(asked)).toMatchObject({ llm_provider: 'openai', llm_model: 'claude-sonnet-4-5' })
  })

  test('a model that the default provider lacks is 400 and names those that have it, before a task is made', async () => {
    const { call, world } = await open({ started: false })
    const answer = await call('POST', '/api/v1/tasks', { task: 'x', model: 'gpt-4o-mini' })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual({ detail: expect.stringMatching(/demo.*gpt-4o-mini.*anthropic, openai/u) })
    expect(await world.deps.store.listTasks({}, { limit: 1 })).toEqual([])
  })

  test('an api_key of the request is nowhere on disk and nowhere shown', async () => {
    const { world, call, submit } = await open({ started: false })
    const api_key = 'sk-very-secret-9c1'
    const id = await submit({ task: 'say hi', provider: 'openai', api_key })
    const snapshot = await coreId(certior, id)
    expect(world.deps.runKeys.get(snapshot?.run.id ?? '')).toBe(api_key)
    const events = await world.deps.store.readEvents(snapshot?.task.id ?? '', 0, 100)
    expect(JSON.stringify([snapshot, events])).not.toContain(api_key)
    expect((await call('GET', `/api/v1/executions/${id}`)).body).not.toContain(api_key)
  })

  test('a run whose api_key was lost with the process fails with credential_lost', async () => {
    const { world, submit, executionThatIs } = await open({ started: false })
    const id = await submit({ task: 'say hi', provider: 'openai', api_key: 'sk-very-secret-9c1' })
    world.deps.runKeys.clear() // what a restart leaves
    await world.deps.dispatcher.start()
    const { error } = await executionThatIs('error', id)
    expect(error).toMatch(/key .* lost/u)
    expect((await coreId(certior, id))?.run.error?.code).toBe('credential_lost')
  })

  test('a verification profile is kept and shown again', async () => {
    const { call } = await open()
    const verification_profile = { task_class: 'review', stage_role: 'release', upstream_execution_ids: ['exec_1'] }
    const answer = await call('POST', '/api/v1/tasks', { task: 'say hi', verification_profile })
    expect(answer.json()).toMatchObject({ status: 'queued', verification_profile })
    const shown = await call('GET', `/api/v1/executions/${answer.json().execution_id}`)
    expect(shown.json().verification_profile).toEqual(verification_profile)
  })

  test('a field that is not known is left alone', async () => {
    const { call } = await open()
    expect((await call('POST', '/api/v1/tasks', { task: 'say hi', later_addition: 1 })).statusCode).toBe(201)
  })

  test('the create answer says queued also for a task that runs at once', async () => {
    const pushed = createPushedModels()
    const { call, executionThatIs } = await open({ models: pushed.models })
    const answer = (await call('POST', '/api/v1/tasks', { task: 'say hi' })).json()
    expect(answer.status).toBe('queued')
    await executionThatIs('executing', answer.execution_id)
    pushed.say('hi')
    pushed.end()
    await executionThatIs('succeeded', answer.execution_id)
  })
})

describe('the key', () => {
  test('is taken as a bearer, as X-API-Key, and as api_key in the address, on every route', async () => {
    const { world, caller, submit } = await open()
    const id = await submit({ task: 'say hi' })
    const routes = [
      ['POST', '/api/v1/tasks', 201],
      ['GET', '/api/v1/executions', 200],
      ['GET', `/api/v1/executions/${id}`, 200],
      ['DELETE', `/api/v1/executions/${id}`, 200],
    ] as const
    for (const [method, url, status] of routes) {
      const payload = method === 'POST' ? { payload: { task: 'say hi' } } : {}
      const ways = [
        { url, headers: { authorization: `Bearer ${caller.key}` } },
        { url, headers: { 'x-api-key': caller.key } },
        { url: `${url}?api_key=${caller.key}` },
        { url: `/certior${url}?api_key=${caller.key}` },
      ]
      for (const way of ways) {
        const answer = await world.app.inject({ method, ...way, ...payload })
        expect(answer.statusCode, `${method} ${way.url} ${answer.body}`).toBe(status)
      }
    }
  })

  test('of a viewer submits nothing: 403 with a sentence', async () => {
    const { world, call } = await open()
    for (const role of ['viewer', 'auditor', 'approver'] as const) {
      const viewer = await world.addCaller(role, { dialect: 'certior' })
      const answer = await call('POST', '/api/v1/tasks', { task: 'say hi' }, viewer)
      expect(answer.statusCode).toBe(403)
      expect(answer.json()).toEqual({ detail: expect.any(String) })
    }
  })
})
