import { expect, test } from 'vitest'
import { openPolicy, strictPolicy, strictPolicyWith } from '../../../test/support/audit/sample-policies.ts'
import type { DecisionInputs } from '../../domain/decision.ts'
import { type ProofName, proofNames } from '../../domain/policy.ts'
import type { RecordedConfig } from '../../domain/task.ts'
import { type AllowedAction, type Evidence, proofs } from './proofs.ts'

const config: RecordedConfig = {
  model: { provider: 'demo', model: 'demo-1', name: null, options: {} },
  instructions: null,
  tools: ['fetch'],
  capabilities: ['network:http:read'],
  denied: [],
  policy: { name: 'strict', digest: strictPolicy.digest },
  retentionDays: 1,
  principal: { user: 'user-1', team: null, role: 'operator' },
  pathLabels: [],
  stepsMax: 1,
  timeoutMs: 1,
  stepTimeoutMs: 1,
  queueTimeoutMs: 1,
}

const none = { micros_usd: 0, tokens: 0, steps: 0 }
const inputs: DecisionInputs = {
  version: 1,
  at: 1,
  task: 'task-1',
  run: 'run-1',
  action: 'a',
  principal: config.principal,
  policy: config.policy,
  tool: 'fetch',
  access: 'fetch',
  required: ['network:http:read'],
  granted: config.capabilities,
  sinks: ['network'],
  approval_categories: [],
  host: 'example.org',
  path: null,
  arguments: 'sha256:aa',
  findings: [],
  labels: ['internal'],
  cost_micros_usd: 0,
  ledger: { cap: none, spent: none, reserved: none, lent: none },
}
const finding = { detector: 'ssn', version: 1, start: 0, end: 3, digest: 'sha256:bb', encodings: [] }

interface Told {
  readonly inputs?: Partial<DecisionInputs>
  readonly action?: Partial<AllowedAction>
  readonly config?: Partial<RecordedConfig>
  readonly evidence?: Partial<Evidence>
}

function because(name: ProofName, told: Told = {}): string | undefined {
  const own = { ...config, ...told.config }
  const action: AllowedAction = {
    action: 'a',
    tool: 'fetch',
    rules: ['policy:permit'],
    config: own,
    policy: strictPolicy.document,
    given: 'sha256:aa',
    inputs: { ...inputs, ...told.inputs },
    ...told.action,
  }
  const evidence = { owner: 'user-1', regime: strictPolicy.document, configs: [own], allowed: [action] }
  return proofs[name]({ ...evidence, ...told.evidence })
}

test.for(proofNames)('%s is proven of a task that kept to it, and of one that did nothing', (name) => {
  expect(because(name)).toBeUndefined()
  expect(because(name, { evidence: { allowed: [] } })).toBeUndefined()
})

test.for(proofNames)('%s is not proven of inputs that are gone', (name) => {
  expect(because(name, { action: { inputs: { gone: 'purged' } } })).toBe('The inputs of the action a are purged.')
})

const flows: readonly ProofName[] = ['no_phi_external_flow', 'no_mnpi_leak', 'no_privilege_waiver']

test.for(flows)('%s: nothing may reach a sink that is closed to a label', (name) => {
  const closed = 'The action a (fetch) could reach network after data labelled phi was read.'
  expect(because(name, { inputs: { labels: ['phi'] } })).toBe(closed)
  expect(because(name, { inputs: { labels: ['pii'] } })).toContain('labelled pii')
  expect(because(name, { inputs: { labels: ['phi'], sinks: ['email'] } })).toBeUndefined()
  expect(because(name, { inputs: { labels: ['constructor'] } })).toBeUndefined()
})

test('no_phi_external_flow: personal data may go to a sink only where it is redacted', () => {
  const name = 'no_phi_external_flow'
  const found = { findings: [finding] }
  const asItIs = 'The action a (fetch) was given personal data (ssn) as it is and could reach network.'
  expect(because(name, { inputs: found })).toBe(asItIs)
  expect(because(name, { inputs: found, action: { given: 'sha256:cc' } })).toBeUndefined()
  expect(because(name, { inputs: { ...found, sinks: [] } })).toBeUndefined()
  const { document } = strictPolicyWith({ content: { ...strictPolicy.document.content, personal_data: 'allow' } })
  expect(because(name, { inputs: found, action: { given: 'sha256:cc', policy: document } })).toBe(asItIs)
  expect(because(name, { action: { policy: openPolicy.document } })).toContain(
    'was not scanned for personal data by the policy open',
  )
})

test.for(['no_mnpi_leak', 'no_privilege_waiver'] as const)('%s: no blocked keyword may go to a sink', (name) => {
  expect(because(name, { inputs: { findings: [{ ...finding, detector: 'keyword' }] } })).toContain(
    'was given a blocked keyword',
  )
  expect(because(name, { action: { policy: openPolicy.document } })).toContain(
    'was not scanned for the keywords of strict',
  )
  expect(because(name, { inputs: { findings: [finding] } })).toBeUndefined()
})

test('minimum_necessary_access: not everything is granted, and what is needed is', () => {
  const name = 'minimum_necessary_access'
  expect(because(name, { config: { capabilities: ['*'] } })).toBe('A run was granted every capability (*).')
  expect(because(name, { inputs: { required: ['shell:run'] } })).toContain('needed shell:run, not all granted')
})

const authorized: readonly ProofName[] = ['authorized_user_only', 'authorized_access_only', 'client_authorized']

test.for(authorized)('%s: the owner or an administrator, who may submit, and nobody else', (name) => {
  const as = (user: string, role: 'admin' | 'operator' | 'viewer') => {
    const principal = { user, team: null, role }
    return because(name, { config: { principal }, inputs: { principal } })
  }
  expect(as('user-2', 'admin')).toBeUndefined()
  expect(as('user-2', 'operator')).toBe('user-2 had a run queued, and is neither the owner nor an administrator.')
  expect(as('user-1', 'viewer')).toBe('The role viewer of user-1 may not submit.')
  const other = because(name, { inputs: { principal: { user: 'user-2', team: null, role: 'operator' } } })
  expect(other).toContain('was done in the name of user-2, its run in that of user-1')
  expect(because(name, { inputs: { required: ['shell:run'] } })).toContain('not all granted')
})

test('segregation_of_duties: what needs another person is not done without one', () => {
  const name = 'segregation_of_duties'
  expect(because(name, { inputs: { approval_categories: ['send_email'] } })).toContain(
    'needs the approval of another person (send_email)',
  )
  const { document } = strictPolicyWith({ approvals: { categories: [], tools: ['fetch'] } })
  expect(because(name, { evidence: { regime: document } })).toContain('(fetch) and had none')
})
