import { Compile } from 'typebox/schema'
import { afterEach, describe, expect, test } from 'vitest'
import { CompliancePackageSchema } from '../../../src/api/dialects/certior/contract/compliance.ts'
import { createPushedModels } from '../../support/pushed-models.ts'
import { createScriptedModels } from '../../support/scripted-models.ts'
import { createScriptedTool } from '../../support/scripted-tool.ts'
import { type Certior, coreId, openCertior } from './open-certior.ts'

let certior: Certior
const open = async (options?: Parameters<typeof openCertior>[0]) => {
  certior = await openCertior(options)
  return certior
}
afterEach(() => certior.world.close())

const ssn = '219-09-9999'
const clinic = [
  createScriptedTool('look_up', ({ text }) => `${text}: SSN ${ssn}`, {
    access: 'read',
    capabilitiesFor: () => ['database:read:patient_data'],
  }),
  createScriptedTool('tell', () => 'told', {
    access: 'send',
    sinks: ['email'],
    capabilitiesFor: () => ['document:write:reports'],
  }),
]
const models = () =>
  createScriptedModels([
    { calls: [{ tool: 'look_up', input: { text: 'Jane' } }] },
    { calls: [{ tool: 'tell', input: { text: 'something' } }] },
    { text: 'done' },
  ])

const pathOf = (id: string, query = '') => `/api/v1/compliance/${id}/export${query}`

const exportOf = (id: string, query = '') => certior.call('GET', pathOf(id, query))

const isInstant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u)

describe('the audit package', () => {
  test('of an execution that has ended is an attachment in the documented shape, computed from its signed package', async () => {
    const { caller, submit, executionThatIs } = await open({ models: models(), tools: clinic })
    const id = await submit({ task: 'x', compliance_policy: 'hipaa' })
    const execution = await executionThatIs('blocked', id)
    const answer = await exportOf(id, '?preset=hipaa&format=json')
    expect(answer.statusCode, answer.body).toBe(200)
    expect(answer.headers['content-type']).toMatch(/^application\/json/u)
    const name = `compliance-${id.slice('exec_'.length, 'exec_'.length + 8)}.json`
    expect(answer.headers['content-disposition']).toBe(`attachment; filename="${name}"`)
    const found = answer.json()
    expect(Compile(CompliancePackageSchema as never).Check(found)).toBe(true)
    expect(Object.keys(found).sort()).toEqual([
      'attestation',
      'audit_trail',
      'certificates',
      'compliance_regime',
      'execution_summary',
      'flow_analysis',
      'generated_at',
      'package_id',
      'policy_applied',
      'safety_scans',
      'verification_runtime',
    ])
    expect(found).toMatchObject({
      generated_at: isInstant,
      compliance_regime: 'hipaa',
      execution_summary: { id, status: 'blocked', certificate_count: 1, user_id: caller.user.id },
      certificates: execution.certificates,
      policy_applied: {
        name: 'hipaa',
        title: 'HIPAA',
        forbidden: ['network:smtp:send:external'],
        denied_permissions: [],
      },
    })
  })

  test('says what was scanned, where labels came from, what was denied for them, and who did what', async () => {
    const { caller, submit, executionThatIs } = await open({ models: models(), tools: clinic })
    const id = await submit({ task: 'x', compliance_policy: 'hipaa' })
    const { tool_calls } = await executionThatIs('blocked', id)
    const [lookUp, tell] = tool_calls
    const found = (await exportOf(id)).json()
    const ssnFound = { detector: 'ssn', count: 1, encodings: [], handling: 'redacted' }
    expect(found.safety_scans).toMatchObject([
      { tool_call_id: lookUp.id, tool: 'look_up', scanned: 'arguments', findings: [] },
      { tool_call_id: lookUp.id, tool: 'look_up', scanned: 'result', findings: [ssnFound] },
      { tool_call_id: tell.id, tool: 'tell', scanned: 'arguments', findings: [] },
    ])
    expect(found.flow_analysis).toMatchObject({
      rules_enforced: [{ label: 'phi', closed_sinks: ['*'] }],
      flows_tracked: [{ label: 'phi', source: lookUp.id, tool: 'look_up' }],
    })
    const trail: { actor: string; action: string; resource: string; result: string }[] = found.audit_trail
    expect(trail[0]).toMatchObject({ actor: caller.user.id, action: 'task.submitted', resource: id })
    expect(trail.filter(({ actor }) => actor === 'guard')).toMatchObject([
      { action: 'action.decided', resource: 'tool:look_up', result: 'allowed' },
      { action: 'action.decided', resource: 'tool:tell', result: 'blocked' },
    ])
    expect(trail.at(-1)).toMatchObject({ action: 'run.blocked', result: 'blocked' })
    expect(trail.map((entry) => (entry as unknown as { details: { seq: number } }).details.seq)).toEqual(
      trail.map((_, at) => at + 1),
    )
    expect(JSON.stringify(found)).not.toContain(ssn)
  })

  test('attests what follows from the record: the proofs of the preset, those that are missing, and whether it complies', async () => {
    const { submit, executionThatIs } = await open({ models: models(), tools: clinic })
    const id = await submit({ task: 'x', compliance_policy: 'hipaa' })
    await executionThatIs('blocked', id)
    const required = ['no_phi_external_flow', 'minimum_necessary_access', 'authorized_user_only']
    expect((await exportOf(id)).json().attestation).toEqual({
      regime: 'hipaa',
      retention_days: 2190,
      proofs_required: required,
      proofs_satisfied: required,
      proofs_missing: [],
      reasons_missing: {},
      human_approvals_required: ['send_external_communication', 'export_patient_data', 'data_export'],
      denied_for_approval: [],
      certificate_count: 1,
      verified_properties: expect.arrayContaining(['capability_coverage', 'budget_sufficient']),
      compliant: true,
    })
  })

  test('of which the contents are gone attests nothing that it cannot show', async () => {
    const { world, submit, executionThatIs } = await open({ models: models(), tools: clinic })
    const id = await submit({ task: 'x', compliance_policy: 'hipaa' })
    await executionThatIs('blocked', id)
    await exportOf(id)
    const task = (await coreId(certior, id))?.task.id
    expect((await world.call('POST', `/v1/tasks/${task}/purge`, {})).statusCode).toBe(200)
    const { attestation, safety_scans } = (await exportOf(id)).json()
    expect(attestation).toMatchObject({ compliant: false, certificate_count: 1 })
    expect(attestation.proofs_missing).toContain('no_phi_external_flow')
    expect(attestation.reasons_missing.no_phi_external_flow).toContain('purged')
    expect(safety_scans.filter(({ scanned }: { scanned: string }) => scanned === 'arguments')).toEqual([])
  })

  test('as a PDF is an attachment for people', async () => {
    const { submit, executionThatIs } = await open()
    const id = await submit({ task: 'write hi to a.txt' })
    await executionThatIs('succeeded', id)
    const answer = await exportOf(id, '?format=pdf')
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toBe('application/pdf')
    const name = `certior-audit-${id.slice('exec_'.length, 'exec_'.length + 8)}.pdf`
    expect(answer.headers['content-disposition']).toBe(`attachment; filename="${name}"`)
    expect(answer.rawPayload.subarray(0, 5).toString()).toBe('%PDF-')
    expect(answer.rawPayload.subarray(-6).toString()).toContain('%%EOF')
  })

  test('takes the preset’s other word too', async () => {
    const { submit, executionThatIs } = await open()
    const id = await submit({ task: 'say hi', compliance_policy: 'legal' })
    await executionThatIs('succeeded', id)
    expect((await exportOf(id, '?preset=legal')).json().compliance_regime).toBe('legal_privilege')
  })
})

describe('an export', () => {
  test.each([
    { what: 'with a preset that is not there', query: '?preset=gdpr', status: 400 },
    { what: 'with a preset that the execution was not under', query: '?preset=sox', status: 400 },
    { what: 'in another format', query: '?format=xml', status: 422 },
  ])('$what is $status', async ({ query, status }) => {
    const { call, submit, executionThatIs } = await open()
    const id = await submit({ task: 'say hi' })
    await executionThatIs('succeeded', id)
    const answer = await call('GET', pathOf(id, query))
    expect([answer.statusCode, answer.json()]).toEqual([status, { detail: expect.anything() }])
    if (status === 422) expect(answer.json().detail[0].loc).toEqual(['query', 'format'])
  })

  test('of one that has not ended is 409', async () => {
    const { call, submit, executionThatIs } = await open({ models: createPushedModels().models })
    const id = await submit({ task: 'say hi' })
    await executionThatIs('executing', id)
    const answer = await call('GET', pathOf(id))
    expect([answer.statusCode, answer.json()]).toEqual([409, { detail: expect.any(String) }])
  })

  test('of one that is absent, and of one that is somebody else’s, is not found with the same bytes', async () => {
    const { world, call, submit } = await open({ started: false })
    const stranger = await world.addCaller('operator', { dialect: 'certior' })
    const theirs = await submit({ task: 'say hi' }, stranger)
    const [absent, other] = [await call('GET', pathOf(`exec_${'1'.repeat(32)}`)), await call('GET', pathOf(theirs))]
    expect([absent.statusCode, absent.json()]).toEqual([404, { detail: 'Execution not found' }])
    expect(other.body).toBe(absent.body)
  })
})
