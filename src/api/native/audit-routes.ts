import { exportAudit } from '../../engine/queries/export-audit.ts'
import { answers, IdSchema, json } from './answers.ts'
import { AuditPackageSchema, AuditQuerySchema } from './contract/audit.ts'
import type { NativeApp, NativeParts } from './native-parts.ts'
import { taskIdOf } from './read-task-view.ts'

/** The record of a task as one file that a stranger can verify. */
export function addAuditRoutes(app: NativeApp, { rooms }: NativeParts): void {
  const schema = {
    summary: 'Export the audit package of a task, up to the end of its last run',
    params: IdSchema,
    querystring: AuditQuerySchema,
    response: answers({ 200: json('The package, as a download.', AuditPackageSchema) }, [
      'task_not_found',
      'task_busy',
      'statement_not_found',
      'limit_exceeded',
      'invalid_input',
    ]),
  }
  app.get('/v1/tasks/:id/audit', { schema }, async ({ principal, params, query }, reply) => {
    const id = await taskIdOf(rooms, params.id)
    const contents = query.contents ?? true
    const text = await exportAudit(rooms, principal, id, { contents })
    return (
      reply
        .type('application/json')
        .header('content-disposition', `attachment; filename="mandate-audit-${id.slice(0, 8)}.json"`)
        .header('cache-control', 'no-store')
        // As text it would be written into quotes: these bytes are signed as they are.
        .send(Buffer.from(text))
    )
  })
}
