import type { FastifyReply } from 'fastify'
import type { Limits } from '../../domain/limits.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { waitForEnd } from '../../engine/queries/read-journal.ts'
import { withinLimit } from '../../engine/settings/within-limit.ts'
import type { NativeContext } from './native-context.ts'

/** Seconds that `?wait=N` asks for. Refuses `invalid_input` above `wait_seconds_max`. */
export function waitSeconds(limits: Limits, wait: number | undefined): number {
  withinLimit(limits, 'wait_seconds_max', 'wait', wait ?? 0)
  return wait ?? 0
}

/**
 * Resolves when the task's run has ended, the time is over, the client is gone, or the server stops; and with a refusal as soon
 * as the caller's credential is good no more: they are to be told nothing that came since.
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
