import { answers, json } from './answers.ts'
import type { CertiorApp, CertiorParts } from './certior-parts.ts'
import { PresetsSchema } from './contract/compliance.ts'
import { listPresets } from './list-presets.ts'

/** The presets, open to all. */
export function addComplianceRoutes(app: CertiorApp, { rooms }: CertiorParts): void {
  const listed = answers({ 200: json('The policies that come with the server.', PresetsSchema) }, [])
  const schema = { summary: 'List the compliance policies', security: [], response: listed }
  app.get('/api/v1/compliance/presets', { schema, config: { open: true } }, () => listPresets(rooms.store))
}
