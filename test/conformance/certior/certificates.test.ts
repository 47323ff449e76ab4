import { afterEach, describe, expect, test } from 'vitest'
import { openStatement } from '../../../src/proof/signed-statement.ts'
import { createScriptedModels } from '../../support/scripted-models.ts'
import { createScriptedTool } from '../../support/scripted-tool.ts'
import { type Certior, coreId, openCertior } from './open-certior.ts'

const ssn = '219-09-9999'

/** Tools that work on records: one reads some, one keeps what it is given, one tells somebody outside. */
const clinic = [
  createScriptedTool('look_up', ({ text }) => `${text}: SSN ${ssn}`, {
    access: 'read',
    capabilitiesFor: () => ['database:read:patient_data'],
  }),
  createScriptedTool('note', ({ text }) => `Noted: ${text}`, {
    access: 'write',
    capabilitiesFor: () => ['document:write:reports'],
  }),
  createScriptedTool('tell', () => 'told', {
    access: 'send',
    sinks: ['email'],
    capabilitiesFor: () => ['document:write:reports'],
  }),
]

let certior: Certior
const open = async (options?: Parameters<typeof openCertior>[0]) => {
  certior = await openCertior(options)
  return certior
}
afterEach(() => certior.world.close())

const isInstant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u)

describe('certificates', () => {
  test('each call that was allowed has one, bound to the signed statement of the exact call', async () => {
    const { world, submit, executionThatIs } = await open()
    const id = await submit({ task: 'write one two to a.txt then read a.txt', permissions: ['filesystem:*'] })
    const execution = await executionThatIs('succeeded', id)
    expect(execution.certificate_count).toBe(2)
    expect(execution.certificate_ids).toEqual(execution.certificates.map((one: { id: string }) => one.id))
    expect(execution.tool_calls.map((call: { certificate_id: string }) => call.certificate_id)).toEqual(
      execution.certificate_ids,
    )
    const [certificate] = execution.certificates
    expect(certificate).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u),
      tool_call_id: execution.tool_calls[0].id,
      theorem: 'action_admissible:write_file',
      plan_hash: expect.stringMatching(/^sha256:[0-9a-f]{64}$/u),
      verified_properties: expect.any(Array),
      proof_trace: ['capability', 'policy:permit_all'],
      prover: 'mandate',
      issued_at: isInstant,
      expires_at: isInstant,
      signature: expect.stringMatching(/^[A-Za-z0-9+/]{86}==$/u),
      key_id: world.deps.notary.keyring.current.keyId,
      revoked: false,
    })
    const logged = await world.deps.store.readStatement(certificate.plan_hash)
    const opened = openStatement(logged?.envelope ?? '')
    if ('problem' in opened || opened.statement.kind !== 'certificate') throw new Error('It is no certificate.')
    expect(opened.statement).toMatchObject({
      action: certificate.tool_call_id,
      tool: 'write_file',
      capabilities: ['filesystem:*'],
      reserved: { micros_usd: 10_000 },
    })
    const [signature] = opened.envelope.signatures
    expect(Buffer.from(signature?.signature ?? []).toString('base64')).toBe(certificate.signature)
  })

  test('names what was verified: no capability where everything was granted', async () => {
    const { submit, executionThatIs } = await open()
    const digest = /^policy_model:default@[0-9a-f]{12}$/u
    const wide = await executionThatIs('succeeded', await submit({ task: 'write hi to a.txt' }))
    expect(wide.proof_properties).toEqual(['budget_sufficient', expect.stringMatching(digest)])
    const narrow = await submit({ task: 'write hi to a.txt', permissions: ['filesystem:write'] })
    expect((await executionThatIs('succeeded', narrow)).proof_properties).toEqual([
      'budget_sufficient',
      'capability_coverage',
      expect.stringMatching(digest),
    ])
  })

  test('are counted in lists, where they are not shown', async () => {
    const { call, submit, executionThatIs } = await open()
    const id = await submit({ task: 'write hi to a.txt then read a.txt' })
    await executionThatIs('succeeded', id)
    const [listed] = (await call('GET', '/api/v1/executions')).json()
    expect(listed).toMatchObject({ id, certificate_count: 2, cost_cents: 2 })
    for (const name of ['certificates', 'certificate_ids', 'tool_calls']) expect(listed).not.toHaveProperty(name)
  })

  test('of every turn of a task are counted and shown', async () => {
    const { world, call, caller, submit, executionThatIs } = await open()
    const native = await world.addCaller('operator', { userId: caller.user.id })
    const id = await submit({ task: 'write hi to a.txt' })
    await executionThatIs('succeeded', id)
    const task = (await coreId(certior, id))?.task.id
    await world.call('POST', `/v1/tasks/${task}/messages`, { input: 'read a.txt' }, native)
    const execution = await executionThatIs('succeeded', id)
    expect(execution.certificates).toHaveLength(execution.tool_calls.length)
    const [listed] = (await call('GET', '/api/v1/executions')).json()
    expect(listed.certificate_count).toBe(execution.certificate_count)
  })
})

describe('blocked attempts', () => {
  test('for want of a capability are recorded with the violation and without a certificate', async () => {
    const { submit, executionThatIs } = await open()
    const id = await submit({ task: 'fetch https://example.com/', permissions: ['filesystem:read'] })
    const execution = await executionThatIs('blocked', id)
    const [call] = execution.tool_calls
    expect(call).toMatchObject({ verdict: 'blocked', outcome: 'blocked', certificate_id: null, cost_cents: 0 })
    const capability = { category: 'capability', detail: call.reason, severity: 'block', rule: 'capability' }
    expect(call.violations).toEqual([capability])
    expect(execution).toMatchObject({
      certificate_count: 0,
      certificates: [],
      certificate_ids: [],
      proof_properties: [],
    })
  })

  test('for want of budget are recorded so too: a call that would pass the budget is not made', async () => {
    const half = createScriptedTool('half', () => 'done', { costMicrosUsd: 500_000, capabilitiesFor: () => [] })
    const calls = [{ tool: 'half', input: { text: 'x' } }]
    const models = createScriptedModels([{ calls: [...calls, ...calls] }, { text: 'done' }])
    const { submit, executionThatIs } = await open({ models, tools: [half] })
    const execution = await executionThatIs('blocked', await submit({ task: 'x', budget_cents: 100 }))
    expect(execution).toMatchObject({ budget_cents: 100, cost_cents: 51, certificate_count: 1 })
    const [made, refused] = execution.tool_calls
    expect(made).toMatchObject({ verdict: 'allowed', cost_cents: 50 })
    expect(refused).toMatchObject({
      verdict: 'blocked',
      certificate_id: null,
      cost_cents: 0,
      violations: [{ category: 'budget', severity: 'block', rule: 'budget' }],
    })
  })

  test('for data that must not leave are violations of the flow, and one certificate is not one for the next call', async () => {
    const models = createScriptedModels([
      { calls: [{ tool: 'look_up', input: { text: 'Jane' } }] },
      { calls: [{ tool: 'tell', input: { text: 'nothing of it' } }] },
      { text: 'done' },
    ])
    const { submit, executionThatIs } = await open({ models, tools: clinic })
    const execution = await executionThatIs('blocked', await submit({ task: 'x', compliance_policy: 'hipaa' }))
    const [lookUp, tell] = execution.tool_calls
    expect(lookUp).toMatchObject({ verdict: 'allowed', outcome: 'completed', result: expect.not.stringContaining(ssn) })
    expect(lookUp.violations).toEqual([
      { category: 'content', detail: expect.stringContaining('ssn'), severity: 'warn', rule: 'content:ssn' },
    ])
    expect(tell).toMatchObject({ verdict: 'blocked', certificate_id: null })
    expect(tell.violations.map(({ category }: { category: string }) => category)).toContain(
      tell.violations[0].rule.startsWith('sink_closed') ? 'flow' : 'policy',
    )
    expect(execution.certificate_count).toBe(1)
  })
})

describe('what a policy redacts', () => {
  test('is shown as it was passed on, with a warning for each kind', async () => {
    const models = createScriptedModels([
      { calls: [{ tool: 'note', input: { text: `SSN ${ssn}` } }] },
      { text: 'done' },
    ])
    const { call, submit, executionThatIs } = await open({ models, tools: clinic })
    const id = await submit({ task: 'x', compliance_policy: 'hipaa' })
    const execution = await executionThatIs('succeeded', id)
    expect(execution.tool_calls).toMatchObject([
      { verdict: 'allowed', arguments: { text: 'SSN [redacted:ssn]' }, result: 'Noted: SSN [redacted:ssn]' },
    ])
    expect(execution.tool_calls[0].violations).toEqual([
      { category: 'content', detail: expect.stringContaining('ssn'), severity: 'warn', rule: 'content:ssn' },
    ])
    expect(execution.certificates[0].verified_properties).toContain('content_redacted')
    expect((await call('GET', `/api/v1/executions/${id}`)).body).not.toContain(ssn)
  })
})
