import type { AttemptEnd, ClaimedRun } from '../../runner/attempt.ts'
import type { AttemptControl } from '../../runner/attempt-control.ts'
import { runAttempt } from '../../runner/run-attempt.ts'
import type { ServerRooms } from '../server-rooms.ts'
import { noteAgent } from './note-agent.ts'
import { loseAttempt } from './run-rescuer.ts'
import type { RunningLoad } from './running-load.ts'

/** One attempt with what the engine owes it: a broken one is queued again, an agent's own failures are counted. */
export async function carryOut(
  rooms: ServerRooms,
  claimed: ClaimedRun,
  control: AttemptControl,
  load: RunningLoad,
): Promise<AttemptEnd | { kind: 'broke' }> {
  const { run } = claimed.snapshot
  try {
    const end = await runAttempt(rooms, claimed, control)
    if (end.kind === 'ended' || end.kind === 'superseded') rooms.runKeys.delete(run.id)
    if (end.kind === 'ended') await noteAgent(rooms, run.agentId, end.configuration, load)
    return end
  } catch (error) {
    rooms.log.error({ err: error, run: run.id, attempt: run.attempt }, 'an attempt broke')
    const lost = await loseAttempt(rooms, run.id, run.attempt, 'broke')
    if (lost?.state === 'queued') rooms.dispatcher.enqueued(lost)
    return { kind: 'broke' }
  }
}
