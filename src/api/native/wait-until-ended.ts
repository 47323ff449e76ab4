import type { FastifyReply } from 'fastify'
import type { Limits } from '../../domain/limits.ts'
import { waitForEnd } from '../../engine/queries/read-journal.ts'
import type { ServerRooms } from '../../engine/server-rooms.ts'
import { withinLimit } from '../../engine/within-limit.ts'
import type { OpenStreams } from '../stream/open-streams.ts'

/** Seconds that `?wait=N` asks for. Refuses `invalid_input` above `wait_seconds_max`. */
export function waitSeconds(limits: Limits, wait: number | undefined): number {
  withinLimit(limits, 'wait_seconds_max', 'wait', wait ?? 0)
  return wait ?? 0
}

/** Resolves when the task's run has ended, the time is over, the client is gone, or the server stops. */
export async function waitUntilEnded(
  rooms: ServerRooms,
  { stopping }: OpenStreams,
  reply: FastifyReply,
  taskId: string,
  seconds: number,
): Promise<void> {
  const over = new AbortController()
  const stop = () => over.abort()
  if (stopping.aborted || reply.raw.destroyed) return
  stopping.addEventListener('abort', stop, { once: true })
  reply.raw.once('close', stop)
  try {
    await waitForEnd(rooms, taskId, seconds * 1_000, over.signal)
  } finally {
    stopping.removeEventListener('abort', stop)
    reply.raw.off('close', stop)
  }
}
