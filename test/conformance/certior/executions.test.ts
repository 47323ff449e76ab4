import { afterEach, describe, expect, test } from 'vitest'
import { createPushedModels } from '../../support/pushed-models.ts'
import { type Certior, coreId, openCertior } from './open-certior.ts'

let certior: Certior
const open = async (options?: Parameters<typeof openCertior>[0]) => {
  certior = await openCertior(options)
  return certior
}
afterEach(() => certior.world.close())

/** Seconds since 1970: after 2001, and not milliseconds. */
const isEpoch = expect.toSatisfy((value: unknown) => typeof value === 'number' && value > 1e9 && value < 1e11)

describe('an execution', () => {
  test('that succeeded shows its output, its counts and every tool call with its verdict', async () => {
    const { submit, executionThatIs, caller } = await open()
    const task = 'write one two to a.txt then count the words in a.txt then read missing.txt'
    const id = await submit({ task })
    const execution = await executionThatIs('succeeded', id)
    expect(execution).toMatchObject({
      id,
      execution_id: id,
      user_id: caller.user.id,
      task,
      status: 'succeeded',
      error: null,
      created_at: isEpoch,
      updated_at: isEpoch,
      completed_at: isEpoch,
      certificate_count: 3,
      compliance_policy: 'default',
      budget_cents: 10_000,
      cost_cents: 3,
      llm_provider: 'demo',
      output: expect.stringContaining('2'),
      verification_summary: { steps: execution.current_step, duration_ms: expect.any(Number) },
    })
    expect(execution.tool_calls).toMatchObject([
      { tool: 'write_file', verdict: 'allowed', violations: [], outcome: 'completed', arguments: { path: 'a.txt' } },
      { tool: 'read_file', verdict: 'allowed', outcome: 'completed', requested_at: isEpoch },
      { tool: 'read_file', verdict: 'allowed', outcome: 'failed', result: expect.stringContaining('file_not_found') },
    ])
  })

  test('that was blocked shows the call that was denied, with its violations', async () => {
    const { submit, executionThatIs } = await open()
    const id = await submit({ task: 'fetch https://example.com/', permissions: ['filesystem:read'] })
    const execution = await executionThatIs('blocked', id)
    expect(execution.error).toEqual(expect.any(String))
    expect(execution.tool_calls).toMatchObject([
      {
        tool: 'fetch_url',
        verdict: 'blocked',
        reason: expect.stringContaining('fetch_url'),
        violations: [{ category: 'capability', detail: expect.any(String), severity: 'block', rule: 'capability' }],
        outcome: 'blocked',
        certificate_id: null,
      },
    ])
  })

  test('that failed says error', async () => {
    const { submit, executionThatIs } = await open()
    const id = await submit({ task: 'fail out of paper' })
    expect((await executionThatIs('error', id)).error).toContain('out of paper')
  })

  test('is a task of any dialect: one that came natively is read and cancelled as well', async () => {
    const { world, caller, call } = await open({ started: false })
    const native = await world.addCaller('operator', { userId: caller.user.id })
    const created = (await world.call('POST', '/v1/tasks', { input: 'say hi' }, native)).json()
    const id = `exec_${created.id.replaceAll('-', '')}`
    const read = await call('GET', `/api/v1/executions/${id}`)
    expect(read.json()).toMatchObject({ id, status: 'queued', compliance_policy: 'default', budget_cents: 10_000 })
    expect((await call('DELETE', `/api/v1/executions/${id}`)).json().status).toBe('cancelled')
  })

  test('reads queued, executing (also while it waits or is paused), succeeded, blocked, error, cancelled', async () => {
    const pushed = createPushedModels()
    const { world, submit, call, caller, executionThatIs } = await open({ models: pushed.models, started: false })
    const native = await world.addCaller('operator', { userId: caller.user.id })
    const id = await submit({ task: 'say hi' })
    expect((await call('GET', `/api/v1/executions/${id}`)).json()).toMatchObject({
      status: 'queued',
      completed_at: null,
    })
    const task = (await coreId(certior, id))?.task.id
    await world.call('POST', `/v1/tasks/${task}/stop`, {}, native)
    expect((await coreId(certior, id))?.run.state).toBe('paused')
    expect((await call('GET', `/api/v1/executions/${id}`)).json().status).toBe('executing')
    await world.call('POST', `/v1/tasks/${task}/resume`, {}, native)
    await world.deps.dispatcher.start()
    await executionThatIs('executing', id)
    pushed.end()
    await executionThatIs('succeeded', id)
  })
})

describe('the list', () => {
  test('is a bare array, newest first, of the caller’s own, cut at the limit', async () => {
    const { world, submit, call } = await open({ started: false })
    const other = await world.addCaller('operator', { dialect: 'certior' })
    const ids = [await submit({ task: 'say 1' }), await submit({ task: 'say 2' }), await submit({ task: 'say 3' })]
    await submit({ task: 'say mine' }, other)
    const listed = (await call('GET', '/api/v1/executions')).json()
    expect(listed.map((one: { id: string }) => one.id)).toEqual([...ids].reverse())
    expect(listed[0]).toMatchObject({ task: 'say 3', status: 'queued', compliance_policy: 'default' })
    expect((await call('GET', '/api/v1/executions?limit=2')).json()).toHaveLength(2)
  })

  test('shows 20 where no limit is given, and at most 100', async () => {
    const { submit, call } = await open({ started: false })
    await Promise.all(Array.from({ length: 22 }, () => submit({ task: 'say hi' })))
    expect((await call('GET', '/api/v1/executions')).json()).toHaveLength(20)
    expect((await call('GET', '/api/v1/executions?limit=100')).json()).toHaveLength(22)
    for (const limit of ['0', '101', '-1', 'ten', '1.5']) {
      const answer = await call('GET', `/api/v1/executions?limit=${limit}`)
      expect(answer.statusCode, limit).toBe(422)
      expect(answer.json().detail[0].loc).toEqual(['query', 'limit'])
    }
  })

  test('is filtered by status; an unknown one is 400', async () => {
    const { submit, call } = await open({ started: false })
    const [first, second] = [await submit({ task: 'say 1' }), await submit({ task: 'say 2' })]
    await call('DELETE', `/api/v1/executions/${first}`)
    const ids = async (status: string) =>
      (await call('GET', `/api/v1/executions?status=${status}`)).json().map((one: { id: string }) => one.id)
    expect(await ids('queued')).toEqual([second])
    expect(await ids('cancelled')).toEqual([first])
    for (const status of [
      'executing',
      'succeeded',
      'blocked',
      'error',
      'planning',
      'verifying',
      'completed',
      'failed',
    ]) {
      expect(await ids(status)).toEqual([])
    }
    const answer = await call('GET', '/api/v1/executions?status=done')
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual({ detail: expect.stringContaining('done') })
  })
})

test('the other words of the product stand for the statuses that mean the same', async () => {
  const { submit, call, executionThatIs } = await open()
  const good = await submit({ task: 'say hi' })
  const bad = await submit({ task: 'fail badly' })
  const blocked = await submit({ task: 'write x to a.txt', permissions: ['filesystem:read'] })
  await executionThatIs('succeeded', good)
  await executionThatIs('error', bad)
  await executionThatIs('blocked', blocked)
  const ids = async (status: string) =>
    (await call('GET', `/api/v1/executions?status=${status}`)).json().map((one: { id: string }) => one.id)
  expect(await ids('completed')).toEqual([good])
  expect(await ids('failed')).toEqual([blocked, bad])
  expect(await ids('planning')).toEqual([])
})

test('times are the seconds of the same instants that the native API has', async () => {
  const { world, call, submit, executionThatIs } = await open()
  const id = await submit({ task: 'say hi' })
  const execution = await executionThatIs('succeeded', id)
  const task = (await world.call('GET', '/v1/tasks?limit=1')).json().tasks[0]
  expect([execution.created_at, execution.completed_at].map((seconds) => Math.round(seconds * 1_000))).toEqual(
    [task.created_at, task.ended_at].map((text) => Date.parse(text)),
  )
  const [listed] = (await call('GET', '/api/v1/executions')).json()
  expect(listed).toMatchObject({ created_at: execution.created_at, completed_at: execution.completed_at })
})

describe('cancelling', () => {
  test('ends a queued and a running execution, and is the same again', async () => {
    const pushed = createPushedModels()
    const { world, submit, call, executionThatIs } = await open({ models: pushed.models, started: false })
    const queued = await submit({ task: 'say hi' })
    const answer = await call('DELETE', `/api/v1/executions/${queued}`)
    expect([answer.statusCode, answer.json()]).toEqual([200, { execution_id: queued, status: 'cancelled' }])
    await world.deps.dispatcher.start()
    const running = await submit({ task: 'say hi' })
    await executionThatIs('executing', running)
    for (let times = 0; times < 3; times += 1) {
      const again = await call('DELETE', `/api/v1/executions/${running}`)
      expect([again.statusCode, again.json()]).toEqual([200, { execution_id: running, status: 'cancelled' }])
    }
    expect((await call('GET', `/api/v1/executions/${running}`)).json()).toMatchObject({ status: 'cancelled' })
  })

  test('leaves an execution that has ended as it is, and says how it ended', async () => {
    const { submit, call, executionThatIs } = await open()
    const id = await submit({ task: 'say hi' })
    const before = await executionThatIs('succeeded', id)
    const answer = await call('DELETE', `/api/v1/executions/${id}`)
    expect([answer.statusCode, answer.json()]).toEqual([200, { execution_id: id, status: 'succeeded' }])
    const after = (await call('GET', `/api/v1/executions/${id}`)).json()
    // Each answer has a ticket of its own.
    expect(after).toEqual({ ...before, websocket_url: after.websocket_url })
  })

  test('what one may read and not change is 403', async () => {
    const { world, submit, call } = await open({ started: false })
    const auditor = await world.addCaller('auditor', { dialect: 'certior' })
    const id = await submit({ task: 'say hi' })
    expect((await call('GET', `/api/v1/executions/${id}`, undefined, auditor)).statusCode).toBe(200)
    const answer = await call('DELETE', `/api/v1/executions/${id}`, undefined, auditor)
    expect([answer.statusCode, answer.json()]).toEqual([403, { detail: expect.any(String) }])
  })
})

describe('compliance presets', () => {
  test('are open to all and name proofs, approvals and retention', async () => {
    const { world } = await open()
    const answer = await world.app.inject({ url: '/api/v1/compliance/presets' })
    expect(answer.statusCode).toBe(200)
    const presets: { key: string }[] = answer.json()
    expect(presets.map(({ key }) => key)).toEqual(['default', 'hipaa', 'sox', 'legal_privilege'])
    expect(presets[0]).toEqual({
      name: 'Default',
      key: 'default',
      required_proofs: [],
      human_approvals: [],
      retention_days: 365,
    })
    expect(presets[1]).toEqual({
      name: 'HIPAA',
      key: 'hipaa',
      required_proofs: ['no_phi_external_flow', 'minimum_necessary_access', 'authorized_user_only'],
      human_approvals: ['send_external_communication', 'export_patient_data', 'data_export'],
      retention_days: 2190,
    })
    expect(presets[2]).toEqual({
      name: 'SOX',
      key: 'sox',
      required_proofs: ['no_mnpi_leak', 'segregation_of_duties', 'authorized_access_only'],
      human_approvals: ['send_external_communication', 'modify_financial_records'],
      retention_days: 2555,
    })
    expect(presets[3]).toEqual({
      name: 'Legal Privilege',
      key: 'legal_privilege',
      required_proofs: ['no_privilege_waiver', 'client_authorized'],
      human_approvals: ['send_email', 'external_communication', 'document_sharing'],
      retention_days: 3650,
    })
  })
})
