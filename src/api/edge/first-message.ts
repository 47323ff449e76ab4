import type { WebSocket } from '@fastify/websocket'
import type { Clock } from '../../clock/clock.ts'
import { Refusal } from '../../domain/refusal.ts'

/** The first message of a WebSocket that was opened without a key, in every dialect. */
export interface FirstMessage {
  readonly credential: string
  /** The other fields of the message. They are empty where it was only the key. */
  readonly fields: Readonly<Record<string, unknown>>
}

/**
 * Waits for the first message of a socket and reads no other. Refuses `unauthenticated` when it has no key, when it
 * does not come within `ms`, and when the socket closes before it.
 */
export function firstMessage(socket: WebSocket, clock: Clock, ms: number): Promise<FirstMessage> {
  return new Promise((resolve, reject) => {
    const settle = (message: FirstMessage | undefined) => {
      cancel()
      socket.off('message', take)
      socket.off('close', close)
      if (message === undefined) reject(keyNeeded())
      else resolve(message)
    }
    const take = (data: unknown) => settle(readFirstMessage(String(data)))
    const close = () => settle(undefined)
    const cancel = clock.after(ms, close)
    socket.once('close', close)
    socket.once('message', take)
  })
}

/** Reads `{"key": "…"}`, `{"api_key": "…"}` or a bare key. It is undefined for a message without a key. */
export function readFirstMessage(text: string): FirstMessage | undefined {
  const bare = text.trim()
  if (!bare.startsWith('{')) return bare === '' ? undefined : { credential: bare, fields: {} }
  try {
    const fields: Record<string, unknown> = JSON.parse(bare)
    const { api_key, key = api_key } = fields
    return typeof key === 'string' ? { credential: key, fields } : undefined
  } catch {
    return undefined // not JSON: it brings no key
  }
}

function keyNeeded(): Refusal {
  return new Refusal('unauthenticated', 'The first message must bring the key: {"key": "…"}.')
}
