import type { TaskSnapshot } from '../../../../domain/evolve.ts'
import type { PolicyVersion } from '../../../../domain/policy.ts'
import type { SignedStatement } from '../../../../domain/statement.ts'
import type { AccessedTask } from '../../../../engine/access/read-task.ts'
import type { Attestation } from '../../../../proof/package/attestation.ts'
import type { AuditPackage, SealPayload } from '../../../../proof/package/audit-package.ts'
import { textsOf } from '../../../../proof/package/packaged-content.ts'
import { type SealedPackage, textOfSealed } from '../../../../proof/package/seal.ts'
import { readTaskRecord } from '../../../../proof/package/task-record.ts'
import { instantOf } from '../../../edge/instants.ts'
import type { CompliancePackage } from '../contract/compliance.ts'
import { executionSummary } from '../present.ts'
import { certificatesOf, uuidOf } from '../present-certificate.ts'
import { analyseFlows } from './analyse-flows.ts'
import { listSafetyScans } from './list-safety-scans.ts'
import { trailOf } from './trail-of.ts'

/**
 * Shows a signed audit package in Certior's words. Everything is computed from the package: purged contents are
 * absent, and the attestation names the proofs that are missing because of it. It goes from the bytes of the package
 * to those of the answer, because it runs in a worker.
 */
export function presentCompliance(
  sealed: SealedPackage,
  statements: readonly SignedStatement[],
  snapshot: AccessedTask,
  publicUrl: string,
): Uint8Array {
  const exported = JSON.parse(textOfSealed(sealed)) as AuditPackage // made by us
  return new TextEncoder().encode(JSON.stringify(present(exported, statements, snapshot, publicUrl)))
}

function present(
  exported: AuditPackage,
  statements: readonly SignedStatement[],
  snapshot: AccessedTask,
  publicUrl: string,
): CompliancePackage {
  const record = readTaskRecord(exported.task, exported.events)
  const policies = new Map(exported.policies.map((version) => [version.digest, version]))
  const textOf = textsOf(exported)
  const calls = new Map(record.actions.map(({ requested }) => [requested.facts.action, requested]))
  const certificates = certificatesOf(statements, calls)
  const { digest } = sealOf(exported)
  return {
    package_id: uuidOf(digest),
    generated_at: instantOf(exported.exported_at),
    compliance_regime: exported.attestation.regime,
    execution_summary: executionSummary(snapshot, publicUrl, certificates.length),
    certificates,
    safety_scans: listSafetyScans(record, policies, textOf),
    flow_analysis: analyseFlows(record, policies.get(exported.attestation.policy)),
    verification_runtime: {
      prover: 'mandate',
      statement_format: 'in-toto Statement v1 in DSSE, Ed25519, RFC 8785; a leaf of an RFC 6962 log',
      log_ids: [...new Set(exported.statements.map(({ log_id }) => log_id))],
      key_ids: exported.keys.map(({ key_id }) => key_id),
      package_digest: digest,
      signed_package: `${publicUrl}/mandate/v1/tasks/${exported.task}/audit`,
    },
    policy_applied: appliedPolicy(policies.get(exported.attestation.policy), snapshot),
    audit_trail: trailOf(record),
    attestation: presentAttestation(exported.attestation),
  }
}

function sealOf({ seal }: AuditPackage): SealPayload {
  return JSON.parse(Buffer.from(seal.payload, 'base64').toString('utf8')) as SealPayload // signed by us
}

function appliedPolicy(version: PolicyVersion | undefined, { run }: TaskSnapshot): CompliancePackage['policy_applied'] {
  const { config } = run
  return {
    name: config.policy.name,
    title: version?.document.title ?? config.policy.name,
    digest: config.policy.digest,
    ceiling: [...(version?.document.ceiling ?? [])],
    forbidden: [...(version?.document.forbidden ?? [])],
    effective_permissions: [...config.capabilities],
    denied_permissions: config.denied.map(({ permission }) => permission),
  }
}

function presentAttestation(found: Attestation): CompliancePackage['attestation'] {
  return {
    regime: found.regime,
    retention_days: found.retention_days,
    proofs_required: [...found.proofs_required],
    proofs_satisfied: [...found.proofs_satisfied],
    proofs_missing: found.proofs_missing.map(({ name }) => name),
    reasons_missing: Object.fromEntries(found.proofs_missing.map(({ name, because }) => [name, because])),
    human_approvals_required: [...found.human_approvals_required],
    denied_for_approval: [...found.denied_for_approval],
    certificate_count: found.certificate_count,
    verified_properties: [...found.verified_properties],
    compliant: found.compliant,
  }
}
