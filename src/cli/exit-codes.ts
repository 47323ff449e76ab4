import type { RunState } from '../domain/run-state.ts'

/** The exit codes of the command line, as docs/cli.md lists them. They are API: a code is never renumbered. */
export const exitCodes = {
  succeeded: 0,
  failed: 1,
  usage: 2,
  blocked: 3,
  cancelled: 4,
  /** The server did not answer, or refused what it was asked. */
  refused: 5,
  /** An audit package holds, but who signed it is not known. */
  signerUnknown: 6,
  interrupted: 130,
} as const

/** The exit code of `mandate run` for a task that came to rest in this state. */
export function exitCodeOf(state: RunState): number {
  switch (state) {
    case 'failed':
      return exitCodes.failed
    case 'blocked':
      return exitCodes.blocked
    case 'cancelled':
      return exitCodes.cancelled
    case 'queued':
    case 'running':
    case 'waiting':
    case 'paused':
    case 'succeeded':
      return exitCodes.succeeded
  }
}
