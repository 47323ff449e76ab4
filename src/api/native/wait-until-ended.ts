import type { FastifyReply } from 'fastify'
import type { Limits } from '../../domain/limits.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { waitForEnd } from '../../engine/queries/read-journal.ts'
import { withinLimit } from '../../engine/settings/within-limit.ts'
import type { NativeContext } from './native-context.ts'

/** Reads the seconds of `?wait=N`. Refuses `invalid_input` above `wait_seconds_max`. */
export function waitSeconds(limits: Limits, wait: number | undefined): number {
  withinLimit(limits, 'wait_seconds_max', 'wait', wait ?? 0)
  return wait ?? 0
}

/**
 * Resolves when the run of the task has ended, the time is over, the client has disconnected, or the server stops. It
 * rejects with a refusal as soon as the credential of the caller is no longer valid, because the caller must then see
 * nothing newer.
 */
export async function waitUntilEnded(
  { deps, streams }: NativeContext,
  reply: FastifyReply,
  taskId: string,
  seconds: number,
): Promise<Refusal | undefined> {
  if (streams.stopping.aborted || reply.raw.destroyed) return undefined
  const wait = streams.openWait(reply.request.principal)
  reply.raw.once('close', wait.close)
  try {
    await waitForEnd(deps, taskId, seconds * 1_000, wait.signal)
    return wait.revoked
  } finally {
    reply.raw.off('close', wait.close)
    wait.close()
  }
}
