import { proveConsistency, proveInclusion, readLogHead } from '../../engine/queries/read-log.ts'
import { json } from '../edge/define-refusals.ts'
import { answers } from './answers.ts'
import {
  ConsistencyQuerySchema,
  ConsistencySchema,
  InclusionQuerySchema,
  InclusionSchema,
  LogHeadQuerySchema,
  LogHeadSchema,
} from './contract/log.ts'
import type { NativeApp, NativeContext } from './native-context.ts'
import { headView } from './present-statement.ts'

/**
 * Adds the routes of the log, whose leaves are all statements. It reveals nothing of any task, because leaves are
 * hashes.
 */
export function addLogRoutes(app: NativeApp, { deps }: NativeContext): void {
  const head = answers({ 200: json('The newest signed head.', LogHeadSchema) }, ['invalid_input'])
  app.get(
    '/v1/log/head',
    { schema: { summary: "Read the log's newest signed head", querystring: LogHeadQuerySchema, response: head } },
    async ({ query }) => headView(await readLogHead(deps, query.log_id)),
  )
  const included = answers({ 200: json('The proof.', InclusionSchema) }, ['invalid_input', 'statement_not_found'])
  app.get(
    '/v1/log/inclusion',
    { schema: { summary: 'Prove that a leaf is in the log', querystring: InclusionQuerySchema, response: included } },
    async ({ query }) => {
      const { statement, leaf_index, size, log_id } = query
      const found = await proveInclusion(deps, {
        statement,
        leafIndex: leaf_index,
        size,
        logId: log_id,
      })
      const { logId, leafIndex, leaf, root, proof } = found
      return {
        log_id: logId,
        leaf_index: leafIndex,
        leaf,
        size: found.size,
        root,
        proof: [...proof],
        head: headView(found.head),
      }
    },
  )
  const consistent = answers({ 200: json('The proof.', ConsistencySchema) }, ['invalid_input'])
  app.get(
    '/v1/log/consistency',
    {
      schema: {
        summary: 'Prove that the log has only grown',
        querystring: ConsistencyQuerySchema,
        response: consistent,
      },
    },
    async ({ query: { from, to, log_id } }) => {
      const found = await proveConsistency(deps, {
        from,
        to,
        logId: log_id,
      })
      return {
        log_id: found.logId,
        from: found.from,
        from_root: found.fromRoot,
        to: found.to,
        to_root: found.toRoot,
        proof: [...found.proof],
        head: headView(found.head),
      }
    },
  )
}
