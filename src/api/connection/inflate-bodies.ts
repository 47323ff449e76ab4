import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import type { Limits } from '../../domain/limits.ts'
import { Refusal } from '../../domain/refusal.ts'
import { bodyTooLarge } from '../refusal-of.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route answers without reading a body, whatever the body is. */
    ignoresBody?: boolean
  }
}

/**
 * Accepts bodies with `Content-Encoding: gzip`. `body_bytes_max` bounds the inflated bytes while they stream, so that a small
 * body which inflates to a huge one is aborted at the limit. Refuses any other coding with 415 and the name of this one.
 */
export function inflateBodies(app: FastifyInstance, limits: Pick<Limits, 'body_bytes_max'>): void {
  app.addHook('preParsing', (request, reply, payload, done) => {
    const coding = request.headers['content-encoding']?.trim().toLowerCase() ?? ''
    if (request.routeOptions.config.ignoresBody || coding === '' || coding === 'identity') return done(null, payload)
    if (coding !== 'gzip' && coding !== 'x-gzip') {
      void reply.header('accept-encoding', 'gzip')
      const message = 'Send the body as "Content-Encoding: gzip", or without a coding.'
      return done(new Refusal('unsupported_media_type', message))
    }
    const wire = { bytes: 0 }
    // Fastify compares this count with the Content-Length, which is that of the bytes on the wire.
    const receivedEncodedLength = { get: () => wire.bytes }
    const inflated = Readable.from(inflate(payload as Readable, wire, limits))
    return done(null, Object.defineProperty(inflated, 'receivedEncodedLength', receivedEncodedLength))
  })
}

async function* inflate(
  body: Readable,
  wire: { bytes: number },
  limits: Pick<Limits, 'body_bytes_max'>,
): AsyncGenerator<Buffer> {
  const gunzip = createGunzip()
  // A pipeline would destroy the request, and with it the connection on which the refusal is answered.
  const interrupted = (cause = new Error('The body was interrupted.')) => body.readableEnded || gunzip.destroy(cause)
  body.once('close', interrupted).once('error', interrupted).pipe(gunzip)
  // The listener makes the bytes flow, so it is added only now that they have a place to go.
  body.on('data', (chunk: Buffer) => {
    wire.bytes += chunk.length
  })
  let bytes = 0
  try {
    for await (const chunk of gunzip) {
      bytes += chunk.length
      if (bytes > limits.body_bytes_max) throw bodyTooLarge(limits)
      yield chunk
    }
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal('malformed_request', 'The body is not gzip, or was cut short.', { cause: error })
  } finally {
    body.off('close', interrupted).off('error', interrupted)
    body.unpipe(gunzip)
    gunzip.destroy()
  }
}
