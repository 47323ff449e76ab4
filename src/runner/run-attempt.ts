import type { NewEvent } from '../domain/event.ts'
import type { Attempt, AttemptEnd, ClaimedRun, RunSteps } from './attempt.ts'
import { type AbortReason, AttemptAborted, type AttemptControl } from './attempt-control.ts'
import { createAttemptJournal } from './attempt-journal.ts'
import { chargeOpenCall, releaseCall } from './call-model.ts'
import { settleOpen } from './carry-out-actions.ts'
import { driveRun } from './drive-run.ts'
import { prepareRun } from './prepare-run.ts'
import { retryWhileStoreUnavailable } from './retry-while-store-unavailable.ts'
import type { RunnerRooms } from './runner-rooms.ts'

/**
 * Carries one claimed run as far as it goes in this process: to its end, to a pause, or until it is handed back or cut.
 * Everything it does is committed under its attempt; once another attempt (or a cancel) has taken over, it changes nothing.
 * Throws only for a defect, and then the run still stands as running: the rescuer takes it.
 */
export async function runAttempt(
  rooms: RunnerRooms,
  claimed: ClaimedRun,
  control: AttemptControl,
): Promise<AttemptEnd> {
  const attempt = await openAttempt(rooms, claimed, control)
  const { run } = claimed.snapshot
  if (run.stopRequested && control.stopAt === 'never') control.stopAt = 'pause'
  const leftMs = run.config.timeoutMs - run.activeMs
  const cancelTimer = rooms.clock.after(leftMs, () => control.abort('timed_out'))
  try {
    return await followSteps(attempt, driveRun(attempt))
  } catch (error) {
    if (!(error instanceof AttemptAborted)) throw error
    return await endAborted(attempt, error.reason)
  } finally {
    cancelTimer()
    rooms.live.settle(run.taskId)
  }
}

async function openAttempt(rooms: RunnerRooms, claimed: ClaimedRun, control: AttemptControl): Promise<Attempt> {
  const { snapshot, conversation, instructions, begun } = claimed
  const { policy: named } = snapshot.run.config
  // A run that was queued by a version without policies names no version of one.
  const policy =
    named.digest === '' ? await rooms.store.readPolicyNamed(named.name) : await rooms.store.readPolicy(named.digest)
  if (policy === undefined) throw new Error(`The policy ${named.name} (${named.digest}) is not there.`)
  const journal = createAttemptJournal(rooms, snapshot)
  const unmade = begun && { step: conversation.step + 1, tryNumber: 1, ...begun }
  return { rooms, journal, control, conversation, instructions, policy, unmade, workspace: undefined }
}

async function followSteps(attempt: Attempt, steps: RunSteps<AttemptEnd>): Promise<AttemptEnd> {
  const { rooms, journal, control } = attempt
  let answer = true
  for (;;) {
    const next = await steps.next(answer)
    if (next.done) return next.value
    const { boundary = false, onlyIfUnchanged = false, ...batch } = next.value
    const { events } = batch
    answer = true
    if (events.length > 0) {
      const commit = onlyIfUnchanged ? journal.commitIfUnchanged : journal.commit
      answer = await retryWhileStoreUnavailable(attempt, async () => (await commit(batch)) !== false)
    }
    if (answer && events.some(endsCall)) {
      control.openCall = undefined // it is charged
      // What was streamed of the step is superseded: by the whole text, or by the failure that takes it back.
      rooms.live.settle(journal.snapshot.task.id)
    }
    if (boundary && control.stopAt !== 'never') return stopHere(attempt, control.stopAt)
  }
}

function endsCall({ kind }: NewEvent): boolean {
  return kind === 'model.responded' || kind === 'model.failed'
}

async function stopHere(attempt: Attempt, how: 'pause' | 'hand_back'): Promise<AttemptEnd> {
  const { journal } = attempt
  const { attempt: number } = journal.snapshot.run
  const event =
    how === 'pause'
      ? journal.event('run.paused', {})
      : journal.event('attempt.lost', { attempt: number, reason: 'handed_back' })
  await journal.commit({ events: [event], contents: [] })
  return { kind: how === 'pause' ? 'paused' : 'handed_back' }
}

/** What is recorded when an attempt is cut. Open actions are settled only where the run ends; else the next attempt does it. */
async function endAborted(attempt: Attempt, reason: AbortReason): Promise<AttemptEnd> {
  if (reason === 'cancelled' || reason === 'superseded') return { kind: 'superseded' }
  try {
    return await recordAborted(attempt, reason)
  } catch (error) {
    if (error instanceof AttemptAborted) return { kind: 'superseded' }
    throw error
  }
}

async function recordAborted(attempt: Attempt, reason: 'timed_out' | 'handed_back'): Promise<AttemptEnd> {
  const { rooms, journal } = attempt
  const { run } = journal.snapshot
  const call = await cutCall(attempt, reason)
  if (reason === 'handed_back') {
    const lost = journal.event('attempt.lost', { attempt: run.attempt, reason })
    await journal.commit({ events: [...call, lost], contents: [] })
    return { kind: 'handed_back' }
  }
  // Of what was in memory some may not have come to the journal: the disk was ill.
  const { conversation } = await prepareRun(rooms, journal.snapshot)
  const settled = settleOpen({ ...attempt, conversation })
  const message = `The run took longer than its ${run.config.timeoutMs / 1_000} s.`
  const failed = journal.event('run.failed', { error: { code: 'run_timeout', message } })
  await journal.commit({ ...settled, events: [...call, ...settled.events, failed] })
  return { kind: 'ended', state: 'failed', configuration: false }
}

/** What becomes of the reservation for a call: one that was made is charged its estimate. */
async function cutCall({ rooms, journal, control, unmade }: Attempt, reason: AbortReason): Promise<NewEvent[]> {
  const { openCall } = control
  if (openCall !== undefined) {
    return [journal.event('model.failed', await chargeOpenCall(rooms.models, openCall, reason))]
  }
  return unmade === undefined ? [] : [journal.event('model.failed', releaseCall(unmade, reason))]
}
