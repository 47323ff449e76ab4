import { hash } from 'node:crypto'
import type { TaskSnapshot } from '../../src/domain/evolve.ts'
import type { PolicyDocument, PolicyVersion } from '../../src/domain/policy.ts'
import type { SignedHead, SignedStatement, StatementKind } from '../../src/domain/statement.ts'
import { sampleAt, sampleId } from './sample-tasks.ts'

/** A statement of a task's latest run. It is not signed: a store does not look into it. */
export function sampleStatement(
  { task, run }: TaskSnapshot,
  kind: StatementKind = 'certificate',
  action: string | null = sampleId(),
): SignedStatement {
  return { ...unownedStatement(), kind, task: task.id, run: run.id, action }
}

/** A statement that belongs to no task. */
export function unownedStatement(): SignedStatement {
  const envelope = `{"payload":"${sampleId()}"}`
  return {
    kind: 'rotation',
    task: null,
    run: null,
    action: null,
    digest: `sha256:${hash('sha256', `payload of ${envelope}`)}`,
    envelope,
    leaf: hash('sha256', envelope),
    issuedAt: sampleAt,
  }
}

export function sampleHead(logId: string, size: number): SignedHead {
  const root = hash('sha256', `root ${logId} ${size}`)
  return { logId, size, root, at: sampleAt + size, envelope: `{"size":${size}}` }
}

export function samplePolicy(name: string, options: Partial<PolicyDocument> = {}): PolicyVersion {
  const document: PolicyDocument = {
    name,
    title: 'For tests',
    ceiling: ['*'],
    defaults: ['files:read'],
    forbidden: [],
    content: { personal_data: 'redact', secrets: 'block', blocked_keywords: ['naïve'] },
    labels_of_findings: { ssn: ['personal'] },
    closed_sinks: { personal: ['*'] },
    approvals: { categories: [], tools: [] },
    proofs: [],
    retention_days: 30,
    denial_is_final: false,
    ...options,
  }
  const cedar = 'permit (principal, action, resource);'
  return { digest: `sha256:${hash('sha256', JSON.stringify({ cedar, document }))}`, document, cedar }
}
