import { expect, test } from 'vitest'
import { type PackagePlan, planOf, samplePackage } from '../../../test/support/audit/sample-package.ts'
import type { ActionPlan } from '../../../test/support/audit/write-sample.ts'
import type { AuditPackage } from './audit-package.ts'

async function attestationOf(plan: PackagePlan) {
  const { text } = await samplePackage(plan)
  return (JSON.parse(text) as AuditPackage).attestation
}

const doing = (tool: ActionPlan['tool'], fate: ActionPlan['fate'] = 'settled', personal = false) => ({
  tool,
  fate,
  personal,
})
const run = (strict: boolean, ...actions: readonly ActionPlan[]): PackagePlan['runs'][number] => {
  const [plain] = planOf({}, { strict, steps: [{ actions, retries: false, subTask: false }] }).runs
  if (plain === undefined) throw new Error('A plan has a run.')
  return plain
}

test('an attestation counts what happened and says by which policy', async () => {
  const actions = [
    doing('fetch', 'settled', true),
    doing('fetch', 'revoked'),
    doing('mail'),
    doing('shell'),
    doing('fetch', 'unfit'),
  ]
  const attestation = await attestationOf(planOf({ runs: [run(true, ...actions)] }))
  expect(attestation).toMatchObject({
    regime: 'strict',
    runs: [{ run: 'run-1', outcome: 'succeeded', allowed: 1, denied: 2, revoked: 1, certificates: 2 }],
    proofs_missing: [],
    human_approvals_required: ['send_email'],
    approvals: [],
    denied_for_approval: ['run-1 1.2'],
    retention_days: 2_190,
    certificate_count: 2,
    verified_properties: ['budget_sufficient', 'capability_coverage', 'content_scanned', 'policy_evaluated'],
    compliant: true,
  })
  expect(attestation.proofs_satisfied).toEqual(attestation.proofs_required)
})

test('the policy of the last run is asked of all runs: what an earlier one let through is not compliant', async () => {
  const runs = [run(false, doing('read_file'), doing('fetch', 'settled', true)), run(true)]
  const attestation = await attestationOf(planOf({ runs }))
  expect(attestation).toMatchObject({ regime: 'strict', compliant: false })
  expect(attestation.proofs_missing).toContainEqual({
    name: 'no_phi_external_flow',
    because: 'The action run-1 1.1 (fetch) could reach network after data labelled phi was read.',
  })
  const before = await attestationOf(planOf({ runs: runs.toReversed() }))
  expect(before).toMatchObject({ regime: 'open', proofs_required: [], compliant: true })
})

test('what was taken back before it began counts against nothing', async () => {
  const revoked = await attestationOf(planOf({ runs: [run(false, doing('mail', 'revoked')), run(true)] }))
  expect(revoked).toMatchObject({ compliant: true, certificate_count: 1, verified_properties: [] })
  const done = await attestationOf(planOf({ runs: [run(false, doing('mail')), run(true)] }))
  expect(done.proofs_missing.map(({ name }) => name)).toContain('segregation_of_duties')
})

test('what is private proves nothing', async () => {
  const attestation = await attestationOf(planOf({ runs: [run(true, doing('fetch'))], isPrivate: true }))
  expect(attestation).toMatchObject({ proofs_satisfied: [], verified_properties: [], compliant: false })
})
