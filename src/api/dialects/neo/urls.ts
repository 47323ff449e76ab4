import type { FastifyRequest } from 'fastify'
import type { NeoParts } from './neo-parts.ts'

/** The path of a task; under the mount for who came through it, since their key may need it. */
export function taskPath({ originalUrl }: Pick<FastifyRequest, 'originalUrl'>, taskId: string): string {
  return `${originalUrl.startsWith('/neo/') ? '/neo' : ''}/api/v1/tasks/${taskId}`
}

/** Where a run can be watched. */
export function streamUrl({ publicUrl }: NeoParts, request: FastifyRequest, taskId: string, runId: string): string {
  return `${publicUrl()}${taskPath(request, taskId)}/streams/${runId}`
}
