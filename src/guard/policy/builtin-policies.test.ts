import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sampleFinding, sampleInputs } from '../../../test/support/sample-inputs.ts'
import { accesses } from '../../domain/decision.ts'
import type { PolicyVersion } from '../../domain/policy.ts'
import { decideAction } from '../decide-action.ts'
import { resolveCapabilities } from '../resolve-capabilities.ts'
import { checkPolicy } from './check-policy.ts'
import { createPolicyEngine } from './create-policy-engine.ts'

const folder = new URL('../../../policies/', import.meta.url)
const { evaluate } = createPolicyEngine()

function read(name: string): PolicyVersion {
  const textOf = (ending: string) => readFileSync(new URL(`${name}.${ending}`, folder), 'utf8')
  const { ok, problems } = checkPolicy({ documentText: textOf('json'), cedarText: textOf('cedar') })
  if (ok === undefined) throw new Error(JSON.stringify(problems))
  return ok
}

const policies = {
  default: read('default'),
  hipaa: read('hipaa'),
  sox: read('sox'),
  legal_privilege: read('legal_privilege'),
}
const regimes = [
  ['hipaa', 'phi'],
  ['sox', 'mnpi'],
  ['legal_privilege', 'privileged'],
] as const

describe('the presets', () => {
  test.each([
    [
      'hipaa',
      'HIPAA',
      ['database:read:patient_data', 'document:write:reports', 'filesystem:read'],
      ['database:read:clinical_data', 'document:read:reports', 'filesystem:write:reports', 'compute:python:eval'],
      ['network:smtp:send:external'],
      2190,
      ['no_phi_external_flow', 'minimum_necessary_access', 'authorized_user_only'],
      ['send_external_communication', 'export_patient_data', 'data_export'],
    ],
    [
      'sox',
      'SOX',
      ['database:read:financial_data', 'document:write:reports'],
      [
        'database:read:audit_logs',
        'document:read:reports',
        'document:read:financial_data',
        'filesystem:read',
        'compute:python:eval',
      ],
      ['database:write:financial_data'],
      2555,
      ['no_mnpi_leak', 'segregation_of_duties', 'authorized_access_only'],
      ['send_external_communication', 'modify_financial_records'],
    ],
    [
      'legal_privilege',
      'Legal Privilege',
      ['document:read:legal_docs', 'document:write:legal_docs'],
      ['document:read:case_files', 'filesystem:read', 'filesystem:write:legal_docs', 'compute:python:eval'],
      ['network:smtp:send:opposing_party'],
      3650,
      ['no_privilege_waiver', 'client_authorized'],
      ['send_email', 'external_communication', 'document_sharing'],
    ],
    ['default', 'Default', ['*'], [], [], 365, [], []],
  ] as const)('%s is as the contract has it', (name, title, defaults, adds, forbidden, days, proofs, categories) => {
    const { document } = policies[name]
    expect(document).toMatchObject({ name, title, defaults, forbidden, retention_days: days, proofs })
    expect(document.ceiling).toEqual([...defaults, ...adds])
    expect(document.approvals).toEqual({ categories, tools: [] })
  })

  test('the default permits every action, by one rule', () => {
    for (const access of accesses) {
      const { allowed, rules } = evaluate(policies.default, sampleInputs({ access, labels: ['phi'] }), '{}')
      expect([allowed, rules]).toEqual([true, ['policy:permit_all']])
    }
  })
})

describe.each(regimes)('%s', (name, label) => {
  const policy = policies[name]
  const decide = (given: Parameters<typeof sampleInputs>[0]) =>
    decideAction(policy, sampleInputs(given), '{}', evaluate)
  const readFile = {
    tool: 'read_file',
    access: 'read',
    required: ['filesystem:read'],
    sinks: [],
    host: null,
    path: 'notes.txt',
  } as const

  test('a run that was granted to read files reads them, before and after it has read what is labelled', () => {
    const { effective } = resolveCapabilities({
      requested: ['filesystem:read'],
      policy: policy.document,
      role: 'operator',
      agentGrants: ['*'],
    })
    for (const labels of [[], [label]]) {
      expect(decide({ ...readFile, granted: effective, labels }).answer).toBe('allow')
    }
  })

  test('once labelled data was read nothing goes outside, whatever it is granted and whatever a tool declares', () => {
    const outward = ['fetch', 'send', 'other'] as const
    for (const access of outward) {
      for (const sinks of [[], ['network'], ['carrier_pigeon']]) {
        expect(decide({ access, sinks, labels: [label] }).answer, `${access} ${sinks}`).toBe('deny')
      }
    }
    for (const access of accesses) {
      expect(decide({ access, sinks: ['network'], labels: [label] }).answer, access).toBe('deny')
    }
    expect(decide({ access: 'fetch', labels: [label] }).rules).toEqual([`policy:no_${label}_outward`])
    expect(decide({ access: 'read', sinks: ['network'], labels: [label] }).rules).toEqual([`sink_closed:${label}`])
  })

  test('before that, looking things up and sending is for those whose ceiling was widened', () => {
    expect(decide({ access: 'fetch' }).answer).toBe('allow')
    expect(decide({ access: 'send', approval_categories: [...policy.document.approvals.categories] }).rules).toEqual([
      'approval_required',
    ])
  })

  test('a program runs where it can reach nothing', () => {
    expect(decide({ access: 'execute', sinks: [], labels: [label] }).answer).toBe('allow')
    expect(decide({ access: 'execute', sinks: ['network'], labels: [] }).answer).toBe('allow')
    expect(decide({ access: 'execute', sinks: ['network'], labels: [label] }).rules).toEqual([
      `policy:no_${label}_to_programs_that_reach_out`,
    ])
  })

  test('a tool that does not say what it does, and a person who may only look, are permitted nothing', () => {
    expect(decide({ access: 'other' }).rules).toEqual(['policy:default_deny'])
    const viewer = { user: 'u', team: null, role: 'viewer' } as const
    for (const access of accesses) expect(decide({ access, principal: viewer }).answer, access).toBe('deny')
  })

  test('what it forbids is denied even to a wide grant', () => {
    const [forbidden = ''] = policy.document.forbidden
    expect(decide({ ...readFile, required: [forbidden] }).rules).toEqual(['capability', 'forbidden_by_policy'])
  })
})

describe('what is particular', () => {
  const decide = (policy: PolicyVersion, given: Parameters<typeof sampleInputs>[0]) =>
    decideAction(policy, sampleInputs(given), '{}', evaluate)

  test('hipaa redacts what identifies a person inside, and lets no number of theirs out', () => {
    const findings = [sampleFinding('ssn'), sampleFinding('email')]
    expect(decide(policies.hipaa, { access: 'write', sinks: [], findings })).toMatchObject({
      answer: 'allow',
      rules: ['capability', 'policy:permit_work_on_records', 'content:ssn', 'content:email'],
    })
    expect(decide(policies.hipaa, { access: 'fetch', findings }).rules).toEqual(['policy:no_identifiers_outward'])
  })

  test('sox blocks what names material non-public information', () => {
    expect(decide(policies.sox, { access: 'write', sinks: [], findings: [sampleFinding('keyword')] }).rules).toEqual([
      'content:keyword',
    ])
  })

  test('sox keeps who reviews apart from who records, and its evidence as it is', () => {
    const write = { access: 'write', sinks: [], tool: 'book' } as const
    const records = { ...write, required: ['document:write:financial_data'] }
    expect(decide(policies.sox, records).answer).toBe('allow')
    expect(decide(policies.sox, { ...records, labels: ['audit_log'] }).rules).toEqual([
      'policy:reviewers_change_no_records',
    ])
    expect(decide(policies.sox, { ...write, required: ['database:write:audit_logs'] }).rules).toEqual([
      'policy:audit_logs_are_not_altered',
    ])
  })
})
