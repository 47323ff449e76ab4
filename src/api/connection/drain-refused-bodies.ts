import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../clock/clock.ts'
import type { Limits } from '../../domain/limits.ts'

/** The clock and the limits of draining. */
export interface DrainDeps {
  readonly clock: Pick<Clock, 'after'>
  readonly limits: Pick<Limits, 'refused_body_bytes_max' | 'refused_body_timeout_ms'>
}

/**
 * Lets clients read an answer that came before they had sent their whole body, as 401, 404 and 413 do. The answer is sent at
 * once and ended only when the rest of the body was read and thrown away: a connection that is closed while its client still
 * writes is reset, and the answer is lost with it. Bodies beyond the limits of bytes and time are not waited for: then the
 * connection is closed.
 */
export function drainRefusedBodies(app: FastifyInstance, deps: DrainDeps): void {
  app.addHook('onSend', ({ raw, method }, reply, payload, done) => {
    // Requests that a test injects have no connection and no `complete`.
    if (raw.complete !== false || method === 'HEAD') return done(null, payload)
    if (typeof payload !== 'string' && !(payload instanceof Uint8Array)) return done(null, payload)
    const answer = Buffer.from(payload)
    void reply.header('content-length', answer.length)
    return done(null, Readable.from(sendThenDrain(answer, raw, deps)))
  })
}

async function* sendThenDrain(answer: Buffer, request: IncomingMessage, deps: DrainDeps): AsyncGenerator<Buffer> {
  yield answer
  const isDrained = await drain(request, deps)
  // The answer is sent. Everything else that arrives on this connection belongs to a body that nobody reads.
  if (!isDrained) request.socket.destroySoon()
}

/** Reads the rest of a body and throws it away. Resolves with false where the body passed a limit before it ended. */
function drain(request: IncomingMessage, { clock, limits }: DrainDeps): Promise<boolean> {
  return new Promise((resolve) => {
    let bytes = 0
    const settle = (isDrained: boolean) => {
      cancel()
      request.off('data', count).off('end', ended).off('close', ended)
      resolve(isDrained)
    }
    const count = (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > limits.refused_body_bytes_max) settle(false)
    }
    const ended = () => settle(true)
    const cancel = clock.after(limits.refused_body_timeout_ms, () => settle(false))
    // The stream that inflates the body gets no more of it.
    request.unpipe()
    request.on('data', count).on('end', ended).on('close', ended).resume()
  })
}
