import { Type } from 'typebox'
import { Refusal } from '../../../../domain/refusal.ts'
import { readTaskRecordFor } from '../../../../engine/access/read-task.ts'
import { exportOptions } from '../../../../engine/queries/export-audit.ts'
import { workerJob } from '../../../../worker-pool/worker-pool.ts'
import { renderPdf } from '../../../audit-pdf/render-pdf.ts'
import type { DialectApp, EdgeContext } from '../../../edge/define-dialect.ts'
import { json } from '../../../edge/define-refusals.ts'
import { CompliancePackageSchema, PresetsSchema } from '../contract/compliance.ts'
import { ExecutionParams, keyInQuery } from '../contract/execution.ts'
import { findPolicy, listPresets } from '../policies.ts'
import { answers } from '../refusals.ts'
import { taskIdOf } from '../values.ts'

const presentJob = workerJob<typeof import('../compliance/present-compliance.ts').presentCompliance>(
  new URL('../compliance/present-compliance.ts', import.meta.url),
  'presentCompliance',
)

const ExportQuerySchema = Type.Object({
  ...keyInQuery,
  preset: Type.Optional(
    Type.String({
      description: 'The policy that the execution was under; another is refused, since nothing was checked by it.',
    }),
  ),
  format: Type.Optional(Type.Enum(['json', 'pdf'], { default: 'json' })),
})

/** Adds the presets, which are open to all, and the compliance package of an ended execution. */
export function addComplianceRoutes(app: DialectApp, context: EdgeContext): void {
  const { deps, publicUrl } = context
  const listed = answers({ 200: json('The policies that come with the server.', PresetsSchema) }, [])
  app.get(
    '/api/v1/compliance/presets',
    {
      schema: { summary: 'List the compliance policies', security: [], response: listed },
      config: { open: true },
    },
    () => listPresets(deps.store),
  )

  const schema = {
    summary: 'Export the audit package of an execution that has ended',
    params: ExecutionParams,
    querystring: ExportQuerySchema,
    response: answers({ 200: attachment }, [
      'invalid_input',
      'policy_not_found',
      'task_not_found',
      'role_forbidden',
      'statement_not_found',
      'task_busy',
      'limit_exceeded',
      'overloaded',
    ]),
  }
  const config = { queryKey: true }
  app.get('/api/v1/compliance/:id/export', { schema, config }, async ({ params, query, principal }, reply) => {
    const preset = query.preset === undefined ? undefined : await findPolicy(deps.store, query.preset)
    const snapshot = await readTaskRecordFor(deps, principal, taskIdOf(params.id))
    const under = snapshot.run.config.policy.name
    if (preset !== undefined && preset.document.name !== under) {
      const message = `The execution was under the policy ${under}: nothing in it was checked by ${preset.document.name}.`
      throw new Refusal('malformed_request', message)
    }
    const { task } = snapshot
    // It is loaded with the first export and not at the start of the server.
    const { exportAudit } = await import('../../../../engine/queries/export-audit.ts')
    const sealed = await exportAudit(deps, principal, task.id, { contents: true })
    const id8 = task.id.slice(0, 8)
    if (query.format === 'pdf') {
      const name = `certior-audit-${id8}.pdf`
      const pdf = Buffer.from(await renderPdf(deps, principal, sealed))
      return reply
        .type('application/pdf')
        .header('content-disposition', `attachment; filename="${name}"`)
        .header('cache-control', 'no-store')
        .send(pdf)
    }
    const statements = await deps.store.listStatements(task.id)
    const input = [sealed, statements, snapshot, publicUrl()] as const
    const shown = await deps.workers.requests.run(presentJob, input, exportOptions(deps, principal))
    return reply
      .type('application/json')
      .header('content-disposition', `attachment; filename="compliance-${id8}.json"`)
      .header('cache-control', 'no-store')
      .send(Buffer.from(shown))
  })
}

const attachment = {
  description: 'The package as an attachment: `compliance-….json`, or `certior-audit-….pdf` for people.',
  headers: ['Content-Disposition'],
  content: {
    'application/json': { schema: CompliancePackageSchema },
    'application/pdf': { schema: { type: 'string', format: 'binary' } },
  },
}
