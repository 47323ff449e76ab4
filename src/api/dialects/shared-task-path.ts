import type { FastifyReply } from 'fastify'
import { Refusal } from '../../domain/refusal.ts'
import { sendRefused } from '../edge/define-refusals.ts'
import type { DialectEdge } from '../speak.ts'
import { refusals as certior } from './certior/refusals.ts'
import { refusals as neo } from './neo/refusals.ts'

/**
 * Serves `/api/v1/tasks` where a request may be for Certior or Neo and nothing tells which. It is refused with a body
 * that clients of both can read: the whole body of Neo, and Certior's `detail`. Only the admin key of the operator
 * can get past the 401 here, because it belongs to no dialect: the refusal asks the caller to name one.
 */
export function createSharedTaskPathEdge(): DialectEdge {
  return {
    dialect: 'certior_or_neo',
    refuse: refuseBoth,
    addRoutes(instance) {
      instance.post('/api/v1/tasks', { schema: { hide: true } }, async () => {
        const message = 'Two APIs have this path. Say which one you speak: /certior/api/v1/tasks or /neo/api/v1/tasks.'
        throw new Refusal('malformed_request', message)
      })
    },
  }
}

function refuseBoth(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const body = { ...neo.bodyOf(refusal), ...certior.bodyOf(refusal) }
  return sendRefused(reply, refusal, certior.lines[refusal.code].status, body)
}
