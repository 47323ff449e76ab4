import type { FastifyRequest } from 'fastify'
import { mountOf } from '../../auth/dialect-of.ts'

/**
 * Makes the address of a path of a dialect as this caller reaches it. It stands under the public URL of the server,
 * never under a Host header, and under the mount of the request, because the key of the caller may not work
 * elsewhere.
 */
export function ownUrl(publicUrl: string, { originalUrl }: Pick<FastifyRequest, 'originalUrl'>, path: string): string {
  const mount = mountOf(originalUrl)
  const prefix = mount === undefined ? '' : originalUrl.slice(0, originalUrl.length - mount.rest.length)
  return `${publicUrl}${prefix}${path}`
}
