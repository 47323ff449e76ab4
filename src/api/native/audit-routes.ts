import { Readable } from 'node:stream'
import { renderPdf } from '../audit-pdf/render-pdf.ts'
import { answers, IdSchema } from './answers.ts'
import { AuditPackageSchema, AuditQuerySchema } from './contract/audit.ts'
import type { NativeApp, NativeContext } from './native-context.ts'
import { taskIdOf } from './read-task-view.ts'

const download = {
  description: 'The package as a download; a PDF is a reading of it for people, which nobody can verify.',
  headers: ['Content-Disposition'],
  content: {
    'application/json': { schema: AuditPackageSchema },
    'application/pdf': { schema: { type: 'string', format: 'binary' } },
  },
}

/** Adds the route that exports the record of a task as one file, which a stranger can verify. */
export function addAuditRoutes(app: NativeApp, { deps }: NativeContext): void {
  const schema = {
    summary: 'Export the audit package of a task, up to the end of its last run',
    params: IdSchema,
    querystring: AuditQuerySchema,
    response: answers({ 200: download }, [
      'task_not_found',
      'role_forbidden',
      'task_busy',
      'statement_not_found',
      'limit_exceeded',
      'overloaded',
      'invalid_input',
    ]),
  }
  app.get('/v1/tasks/:id/audit', { schema }, async ({ principal, params, query }, reply) => {
    const id = await taskIdOf(deps, params.id)
    const contents = query.contents ?? true
    // It is loaded with the first export and not at the start of the server.
    const { exportAudit } = await import('../../engine/queries/export-audit.ts')
    const sealed = await exportAudit(deps, principal, id, { contents })
    const name = `mandate-audit-${id.slice(0, 8)}`
    reply.header('cache-control', 'no-store')
    if (query.format === 'pdf') {
      const pdf = await renderPdf(deps, principal, sealed)
      const disposition = `attachment; filename="${name}.pdf"`
      return reply.type('application/pdf').header('content-disposition', disposition).send(Buffer.from(pdf))
    }
    return (
      reply
        .type('application/json')
        .header('content-disposition', `attachment; filename="${name}.json"`)
        .header(
          'content-length',
          sealed.reduce((sum, { length }) => sum + length, 0),
        )
        // These bytes are signed, and must be sent unchanged.
        .send(Readable.from(sealed))
    )
  })
}
