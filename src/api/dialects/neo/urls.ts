import type { FastifyRequest } from 'fastify'
import { ownUrl } from '../../edge/own-url.ts'
import type { NeoContext } from './neo-context.ts'

type Asked = Pick<FastifyRequest, 'originalUrl'>

/** Where a task is read. */
export function taskUrl({ publicUrl }: NeoContext, request: Asked, taskId: string): string {
  return ownUrl(publicUrl(), request, `/api/v1/tasks/${taskId}`)
}

/** Where a run can be watched. */
export function streamUrl(context: NeoContext, request: Asked, taskId: string, runId: string): string {
  return `${taskUrl(context, request, taskId)}/streams/${runId}`
}
