import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../clock/clock.ts'
import type { Limits } from '../../domain/limits.ts'

export interface DrainDeps {
  readonly clock: Pick<Clock, 'after'>
  readonly limits: Pick<Limits, 'refused_body_bytes_max' | 'refused_body_timeout_ms'>
}

/**
 * Lets clients read an answer that came before they had sent their whole body, as 401, 404 and 413 do. The answer goes out
 * at once and is ended only when the rest of the body was read and thrown away: a connection that is closed while its client
 * still writes is reset, and the answer is lost with it. What comes later or is more than the limits is not waited for: then
 * the connection is closed.
 */
export function drainRefusedBodies(app: FastifyInstance, deps: DrainDeps): void {
  app.addHook('onSend', ({ raw, method }, reply, payload, done) => {
    // Requests that were injected by a test have no connection and no `complete`.
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
  // The answer is out. Whatever else arrives on this connection belongs to a body that nobody reads.
  if (!isDrained) request.socket.destroySoon()
}

/** Reads the rest of a body and throws it away. False: the body went past a limit before it had ended. */
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
    // What was to inflate the body gets no more of it.
    request.unpipe()
    request.on('data', count).on('end', ended).on('close', ended).resume()
  })
}
