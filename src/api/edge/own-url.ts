import type { FastifyRequest } from 'fastify'
import { mountOf } from '../../auth/dialect-of.ts'

/**
 * The address of a path of a dialect as this caller reaches it: under the server's public URL, never a Host header, and under
 * the mount that the request came through, since without it the caller's key may open nothing there.
 */
export function ownUrl(publicUrl: string, { originalUrl }: Pick<FastifyRequest, 'originalUrl'>, path: string): string {
  const mount = mountOf(originalUrl)
  const prefix = mount === undefined ? '' : originalUrl.slice(0, originalUrl.length - mount.rest.length)
  return `${publicUrl}${prefix}${path}`
}
