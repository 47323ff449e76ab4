import type { FastifyRequest } from 'fastify'
import type { EdgeContext } from '../../edge/define-dialect.ts'
import { ownUrl } from '../../edge/own-url.ts'
import { executionIdOf } from './values.ts'

/** The path of the socket of an execution, below the mount and the ticket. */
export const socketPath = '/ws/executions'

/** The prefix of the path where the address holds a ticket. */
export const ticketPath = '/tickets'

/**
 * Makes the address at which the events of an execution are streamed. The client of the product opens it as it is and
 * sends no key, so that it holds a ticket for the key of its reader. The ticket expires after some minutes, and every
 * answer gets a new one.
 */
export function websocketUrlOf({ publicUrl, auth }: EdgeContext, request: FastifyRequest, taskId: string): string {
  const ticket = auth.tickets.issue(request.principal, taskId)
  const path = `${ticketPath}/${ticket}${socketPath}/${executionIdOf(taskId)}`
  return ownUrl(publicUrl(), request, path).replace(/^http/u, 'ws')
}
