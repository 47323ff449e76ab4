import type { FastifyRequest } from 'fastify'
import { ownUrl } from '../../edge/own-url.ts'
import type { CertiorContext } from './certior-context.ts'
import { executionIdOf } from './execution-id.ts'

/** The path of the socket of an execution, below whatever comes before it. */
export const socketPath = '/ws/executions'

/** What stands before the path where the address holds a ticket. */
export const ticketPath = '/tickets'

/**
 * Where the events of an execution are streamed. The product's own client opens it as it is and sends no key: so it holds a
 * ticket for its reader's key, which is good for some minutes and made anew in every answer.
 */
export function websocketUrlOf({ publicUrl, auth }: CertiorContext, request: FastifyRequest, taskId: string): string {
  const ticket = auth.tickets.issue(request.principal, taskId)
  const path = `${ticketPath}/${ticket}${socketPath}/${executionIdOf(taskId)}`
  return ownUrl(publicUrl(), request, path).replace(/^http/u, 'ws')
}
