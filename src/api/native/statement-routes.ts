import { Type } from 'typebox'
import { revokeCertificate } from '../../engine/commands/revoke-certificate.ts'
import { listStatementsOf, readStatementOf } from '../../engine/queries/list-statements.ts'
import { withinLimit } from '../../engine/settings/within-limit.ts'
import { idempotencyRefusals, makeOnce } from '../edge/answer-once.ts'
import { json } from '../edge/define-refusals.ts'
import { pageSizeDefault } from '../edge/pages.ts'
import { answers, answersToBody, IdSchema, NothingSchema } from './answers.ts'
import { StatementPageSchema, StatementQuerySchema, StatementSchema } from './contract/statement.ts'
import type { NativeApp, NativeContext } from './native-context.ts'
import { statementView } from './present-statement.ts'
import { taskIdOf } from './read-task-view.ts'

const DigestSchema = Type.Object({ digest: Type.String() })

/**
 * Adds the routes of the statements about tasks: certificates, refusal records, settlements, revocations and closing
 * statements.
 */
export function addStatementRoutes(app: NativeApp, { deps }: NativeContext): void {
  const listed = answers({ 200: json('A page of statements.', StatementPageSchema) }, [
    'task_not_found',
    'role_forbidden',
    'invalid_input',
  ])
  app.get(
    '/v1/tasks/:id/statements',
    {
      schema: {
        summary: 'List the statements about a task, in the order of the log',
        params: IdSchema,
        querystring: StatementQuerySchema,
        response: listed,
      },
    },
    async ({ principal, params, query }) => {
      const { after = -1, limit = Math.min(pageSizeDefault, deps.limits.page_size_max) } = query
      withinLimit(deps.limits, 'page_size_max', 'limit', limit)
      const all = await listStatementsOf(deps, principal, await taskIdOf(deps, params.id))
      const rest = all.filter(({ leafIndex }) => leafIndex > after)
      return { statements: rest.slice(0, limit).map(statementView), has_more: rest.length > limit }
    },
  )
  const read = answers({ 200: json('The statement.', StatementSchema) }, ['statement_not_found', 'role_forbidden'])
  app.get(
    '/v1/statements/:digest',
    { schema: { summary: 'Read a statement by its digest', params: DigestSchema, response: read } },
    async ({ principal, params }) => statementView(await readStatementOf(deps, principal, params.digest)),
  )
  const revoked = answersToBody({ 200: json('The revocation.', StatementSchema) }, [
    'statement_not_found',
    'certificate_used',
    'role_forbidden',
    ...idempotencyRefusals,
  ])
  app.post(
    '/v1/statements/:digest/revoke',
    {
      schema: {
        summary: 'Take a certificate back before its action begins',
        params: DigestSchema,
        body: NothingSchema,
        response: revoked,
      },
    },
    async (request, reply) => {
      const { principal, params } = request
      // A certificate has one revocation, which answers every repeated request, after a crash too.
      const { digest } = await makeOnce(request, reply, async () => ({
        digest: (await revokeCertificate(deps, principal, params.digest)).digest,
      }))
      return statementView(await readStatementOf(deps, principal, digest))
    },
  )
}
