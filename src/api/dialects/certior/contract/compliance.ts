import { type Static, Type } from 'typebox'
import { proofNames } from '../../../../domain/policy.ts'
import { CertificateSchema, ExecutionSummarySchema } from './execution.ts'

const PresetSchema = Type.Object({
  name: Type.String(),
  key: Type.String({ description: 'What `compliance_policy` takes.' }),
  required_proofs: Type.Array(Type.String()),
  human_approvals: Type.Array(Type.String()),
  retention_days: Type.Integer(),
})
/** One policy that comes with the server, as `compliance_policy` names it. */
export type Preset = Static<typeof PresetSchema>
/** The answer that lists the policies that come with the server. */
export const PresetsSchema = Type.Array(PresetSchema)

const texts = (description?: string) => Type.Array(Type.String(), description === undefined ? {} : { description })
const instant = () => Type.String({ format: 'date-time' })
const count = () => Type.Integer({ minimum: 0 })

/** One scan of the arguments of a call or of its result. */
const SafetyScanSchema = Type.Object({
  timestamp: instant(),
  tool_call_id: Type.String(),
  tool: Type.String(),
  scanned: Type.Enum(['arguments', 'result']),
  findings: Type.Array(
    Type.Object({
      detector: Type.String(),
      version: count(),
      count: count(),
      encodings: texts(),
      handling: Type.String(),
    }),
  ),
})
/** One scan of the compliance package. Findings are counted by detector, without the text that was found. */
export type SafetyScan = Static<typeof SafetyScanSchema>

const FlowAnalysisSchema = Type.Object({
  rules_enforced: Type.Array(Type.Object({ label: Type.String(), closed_sinks: texts() })),
  flows_tracked: Type.Array(
    Type.Object({
      label: Type.String(),
      timestamp: instant(),
      source: Type.String(),
      tool: Type.Union([Type.String(), Type.Null()]),
    }),
  ),
  violations_detected: Type.Array(
    Type.Object({
      timestamp: instant(),
      tool_call_id: Type.String(),
      tool: Type.String(),
      rules: texts(),
      reason: Type.String(),
    }),
  ),
})
/** The labels that flowed through the execution, and the tool calls that the flow rules denied. */
export type FlowAnalysis = Static<typeof FlowAnalysisSchema>

const TrailEntrySchema = Type.Object({
  timestamp: instant(),
  actor: Type.String({ description: 'The id of a user, or `user`, `agent`, `guard`, `server`.' }),
  action: Type.String({ description: 'The kind of the event.' }),
  resource: Type.String(),
  result: Type.String(),
  details: Type.Record(Type.String(), Type.Unknown()),
})
/** One event of the journal, as an entry of the audit trail. */
export type TrailEntry = Static<typeof TrailEntrySchema>

const proofName = () => Type.Enum([...proofNames])

const AttestationSchema = Type.Object({
  regime: Type.String(),
  retention_days: count(),
  proofs_required: Type.Array(proofName()),
  proofs_satisfied: Type.Array(proofName()),
  proofs_missing: Type.Array(proofName()),
  reasons_missing: Type.Record(Type.String(), Type.String(), { description: 'By proof: why it is missing.' }),
  human_approvals_required: texts(),
  denied_for_approval: texts('Tool calls that were denied because they needed one.'),
  certificate_count: count(),
  verified_properties: texts(),
  compliant: Type.Boolean({ description: 'No proof is missing, and every run is closed.' }),
})

/** The compliance package of an ended execution: its record, judged by the policy that the run was under. */
export const CompliancePackageSchema = Type.Object({
  package_id: Type.String({ format: 'uuid' }),
  generated_at: instant(),
  compliance_regime: Type.String(),
  execution_summary: ExecutionSummarySchema,
  certificates: Type.Array(CertificateSchema),
  safety_scans: Type.Array(SafetyScanSchema),
  flow_analysis: FlowAnalysisSchema,
  verification_runtime: Type.Object({
    prover: Type.String(),
    statement_format: Type.String(),
    log_ids: texts(),
    key_ids: texts(),
    package_digest: Type.String({ description: 'Of the audit package that all this was computed from.' }),
    signed_package: Type.String({ description: 'Where that package is; `mandate verify` checks it.' }),
  }),
  policy_applied: Type.Object({
    name: Type.String(),
    title: Type.String(),
    digest: Type.String(),
    ceiling: texts(),
    forbidden: texts(),
    effective_permissions: texts(),
    denied_permissions: texts(),
  }),
  audit_trail: Type.Array(TrailEntrySchema),
  attestation: AttestationSchema,
})
/** The response of `GET /api/v1/compliance/{id}/export` as JSON. */
export type CompliancePackage = Static<typeof CompliancePackageSchema>
