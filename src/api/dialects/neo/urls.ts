import type { FastifyRequest } from 'fastify'
import { ownUrl } from '../../edge/own-url.ts'
import type { NeoParts } from './neo-parts.ts'

type Asked = Pick<FastifyRequest, 'originalUrl'>

/** Where a task is read. */
export function taskUrl({ publicUrl }: NeoParts, request: Asked, taskId: string): string {
  return ownUrl(publicUrl(), request, `/api/v1/tasks/${taskId}`)
}

/** Where a run can be watched. */
export function streamUrl(parts: NeoParts, request: Asked, taskId: string, runId: string): string {
  return `${taskUrl(parts, request, taskId)}/streams/${runId}`
}
