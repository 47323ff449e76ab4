import type { FastifyRequest } from 'fastify'
import type { EdgeContext } from '../../edge/define-dialect.ts'
import { ownUrl } from '../../edge/own-url.ts'
import { executionIdOf } from './values.ts'

/** The path of the socket of an execution, below whatever comes before it. */
export const socketPath = '/ws/executions'

/** What stands before the path where the address holds a ticket. */
export const ticketPath = '/tickets'

/**
 * Where the events of an execution are streamed. The product's own client opens it as it is and sends no key: so it holds a
 * ticket for its reader's key, which is good for some minutes and made anew in every answer.
 */
export function websocketUrlOf({ publicUrl, auth }: EdgeContext, request: FastifyRequest, taskId: string): string {
  const ticket = auth.tickets.issue(request.principal, taskId)
  const path = `${ticketPath}/${ticket}${socketPath}/${executionIdOf(taskId)}`
  return ownUrl(publicUrl(), request, path).replace(/^http/u, 'ws')
}
