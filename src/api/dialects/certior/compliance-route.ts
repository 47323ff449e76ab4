import { answers, json } from './answers.ts'
import type { CertiorApp } from './certior-parts.ts'
import { compliancePresets } from './compliance-presets.ts'
import { PresetsSchema } from './contract/task-response.ts'

/** `GET /api/v1/compliance/presets`: open to all. */
export function addComplianceRoute(app: CertiorApp): void {
  const response = answers({ 200: json('The policies that a task may name.', PresetsSchema) }, [])
  const schema = { summary: 'List the compliance policies', security: [], response }
  app.get('/api/v1/compliance/presets', { schema, config: { open: true } }, async () =>
    compliancePresets.map(({ name, key, requiredProofs, humanApprovals, retentionDays }) => ({
      name,
      key,
      required_proofs: requiredProofs,
      human_approvals: humanApprovals,
      retention_days: retentionDays,
    })),
  )
}
