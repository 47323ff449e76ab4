import { type Amounts, openLedger } from '../../src/domain/budget.ts'
import type { DecisionInputs, Finding } from '../../src/domain/decision.ts'
import type { PolicyDocument, PolicyVersion } from '../../src/domain/policy.ts'
import { digestPolicy } from '../../src/proof/digests.ts'

// The inputs and policies of tests of the guard, with defaults for everything that a test does not set.

const digest = `sha256:${'0'.repeat(64)}`

/** The inputs of a decision, for tests. */
export function sampleInputs(given: Partial<DecisionInputs> = {}): DecisionInputs {
  const cap: Amounts = { micros_usd: 1_000_000, tokens: 1_000, steps: 10 }
  return {
    version: 1,
    at: Date.UTC(2026, 0, 5, 13, 30), // a Monday
    task: 'task-1',
    run: 'run-1',
    action: 'action-1',
    principal: { user: 'user-1', team: null, role: 'operator' },
    policy: { name: 'sample', digest },
    tool: 'fetch_url',
    access: 'fetch',
    required: ['network:http:read'],
    granted: ['*'],
    sinks: ['network'],
    approval_categories: [],
    host: 'example.com',
    path: null,
    arguments: digest,
    findings: [],
    labels: [],
    cost_micros_usd: 0,
    ledger: openLedger(cap),
    ...given,
  }
}

/** A finding, for tests. */
export function sampleFinding(detector: string): Finding {
  return { detector, version: 1, start: 0, end: 1, digest, encodings: [] }
}

/** The document of a policy, for tests. */
export function sampleDocument(given: Partial<PolicyDocument> = {}): PolicyDocument {
  return {
    name: 'sample',
    title: 'Sample',
    ceiling: ['*'],
    defaults: ['*'],
    forbidden: [],
    content: { personal_data: 'allow', secrets: 'allow', blocked_keywords: [] },
    labels_of_findings: {},
    closed_sinks: {},
    approvals: { categories: [], tools: [] },
    proofs: [],
    retention_days: 30,
    denial_is_final: false,
    ...given,
  }
}

/** The Cedar text that permits everything. */
export const permitAll = '@id("permit_all") permit (principal, action, resource);'

/** A policy version, for tests. */
export function samplePolicy(given: Partial<PolicyDocument> = {}, cedar: string = permitAll): PolicyVersion {
  const document = sampleDocument(given)
  return { digest: digestPolicy({ document, cedar }), document, cedar }
}
