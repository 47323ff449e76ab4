import { dayMs } from '../../domain/durations.ts'
import type { Limits } from '../../domain/limits.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { WhatIfRequest } from '../../engine/queries/what-if.ts'
import { json } from '../edge/define-refusals.ts'
import { instantOf } from '../edge/instants.ts'
import { answersToBody } from './answers.ts'
import { type WhatIfRequestBody, WhatIfRequestSchema, WhatIfSchema, type WhatIfView } from './contract/policy.ts'
import type { NativeApp, NativeContext } from './native-context.ts'
import { textsOf } from './policy-routes.ts'

const sinceDefaultMs = 7 * dayMs
const limitDefault = 1_000

/**
 * Adds the route that decides recorded actions again under another policy. It reads everybody's tasks where the
 * caller may, and otherwise the caller's.
 */
export function addWhatIfRoute(app: NativeApp, { deps }: NativeContext): void {
  const response = answersToBody({ 200: json('The decisions that would change.', WhatIfSchema) }, [
    'policy_not_found',
    'policy_invalid',
    'limit_exceeded',
    'overloaded',
  ])
  const schema = { summary: 'Decide recorded actions again under another policy', body: WhatIfRequestSchema, response }
  app.post(
    '/v1/policies/what-if',
    { schema, config: { readsOnly: true } },
    async ({ principal, body }): Promise<WhatIfView> => {
      const { whatIf } = await import('../../engine/queries/what-if.ts')
      const found = await whatIf(deps, principal, readRequest(deps.limits, deps.clock.now(), body))
      return {
        examined: found.examined,
        unreadable: found.unreadable,
        changes: found.changes.map(({ at, rules, taskNumber, ...same }) => {
          return { ...same, task_number: taskNumber, at: instantOf(at), rules: [...rules] }
        }),
        has_more: found.more,
        next_cursor: found.cursor,
      }
    },
  )
}

function readRequest(limits: Limits, now: number, body: WhatIfRequestBody): WhatIfRequest {
  const { since, limit = Math.min(limitDefault, limits.what_if_actions_max), cursor } = body
  return {
    policy: readCandidate(body),
    since: since === undefined ? now - sinceDefaultMs : Date.parse(since),
    limit,
    cursor,
  }
}

function readCandidate({ policy, document, cedar }: WhatIfRequestBody): WhatIfRequest['policy'] {
  if (policy !== undefined && document === undefined && cedar === undefined) return policy
  if (policy === undefined && document !== undefined && cedar !== undefined) return textsOf({ document, cedar })
  const field = policy === undefined && document !== undefined ? 'cedar' : 'policy'
  const message = 'is needed, or else a document and its cedar; one of the two'
  throw new Refusal('invalid_input', 'Name a policy, or give a document and its cedar.', {
    fields: [{ field, message }],
  })
}
