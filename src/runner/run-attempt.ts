import type { NewEvent } from '../domain/event.ts'
import { type Attempt, type AttemptEnd, type ClaimedRun, joinPending, type Pending, type RunSteps } from './attempt.ts'
import { type AbortReason, AttemptAborted, type AttemptControl } from './attempt-control.ts'
import { createAttemptJournal } from './attempt-journal.ts'
import { driveRun } from './drive-run.ts'
import { withdrawPrompts } from './finish-run.ts'
import { prepareRun } from './prepare-run.ts'
import { interruptOwnCall } from './record-call.ts'
import { interruptActions, settleOpenActions } from './recover-run.ts'
import { retryWhileStoreUnavailable } from './retry-while-store-unavailable.ts'
import type { RunnerDeps } from './runner-deps.ts'
import { syncJournal } from './sync-journal.ts'

/**
 * Executes one claimed run as far as it goes in this process: to its end, to a pause, or until it is handed back or aborted.
 * Everything it does is committed under its attempt. Once another attempt, or a cancel, has taken over, it changes nothing.
 * Throws only for a defect; then the run's row still says running, and the rescuer takes it.
 */
export async function runAttempt(deps: RunnerDeps, claimed: ClaimedRun, control: AttemptControl): Promise<AttemptEnd> {
  const attempt = await openAttempt(deps, claimed, control)
  const { run } = claimed.snapshot
  if (run.stopRequestedAt !== null) control.pause()
  const leftMs = run.config.timeoutMs - run.activeMs
  const cancelTimer = deps.clock.after(leftMs, () => control.abort('timed_out'))
  try {
    return await followSteps(attempt, driveRun(attempt))
  } catch (error) {
    if (!(error instanceof AttemptAborted)) throw error
    return await endAborted(attempt, error.reason)
  } finally {
    cancelTimer()
    control.close()
    deps.live.settle(run.taskId)
  }
}

async function openAttempt(deps: RunnerDeps, claimed: ClaimedRun, control: AttemptControl): Promise<Attempt> {
  const { snapshot, conversation, instructions, firstCall } = claimed
  const { name, digest } = snapshot.run.config.policy
  const policy = await deps.store.readPolicy(digest)
  if (policy === undefined) throw new Error(`The policy ${name} (${digest}) is not there.`)
  const journal = createAttemptJournal(deps, snapshot)
  if (firstCall !== undefined) {
    control.call = { phase: 'reserved', step: conversation.step + 1, tryNumber: 1, ...firstCall }
  }
  return { deps, journal, control, conversation, instructions, policy, workspace: undefined }
}

/** Commits what the generator yields, in order, and stops after a boundary where a stop is pending. */
async function followSteps(attempt: Attempt, steps: RunSteps<AttemptEnd>): Promise<AttemptEnd> {
  const { deps, journal, control } = attempt
  let isCommitted = true
  for (;;) {
    const next = await steps.next(isCommitted)
    if (next.done) return next.value
    const { boundary = false, onlyIfUnchanged = false, ...batch } = next.value
    isCommitted = true
    if (batch.events.length > 0) {
      const commit = onlyIfUnchanged ? journal.commitIfUnchanged : journal.commit
      isCommitted = await retryWhileStoreUnavailable(attempt, async () => (await commit(batch)) !== false)
    }
    if (isCommitted && batch.events.some(endsCall)) {
      control.call = undefined // it is charged
      // Deltas of the step are superseded now: by the whole text, or by the event that takes them back.
      deps.live.settle(journal.snapshot.task.id)
    }
    if (!boundary) continue
    const end = await stopAtBoundary(attempt)
    if (end !== undefined) return end
  }
}

function endsCall({ kind }: NewEvent): boolean {
  return kind === 'model.responded' || kind === 'model.failed' || kind === 'model.interrupted'
}

/** Pauses the run or hands it back, where that is pending. Answers undefined where the attempt goes on. */
async function stopAtBoundary(attempt: Attempt): Promise<AttemptEnd | undefined> {
  const { journal, control } = attempt
  while (control.stopAt !== 'never') {
    if (control.stopAt === 'hand_back') {
      await journal.commit({ events: [handedBack(attempt)], contents: [] })
      return { kind: 'handed_back' }
    }
    // The pause requires an unchanged journal: others may have withdrawn the stop meanwhile.
    const paused = { events: [journal.event('run.paused', {})], contents: [] }
    if (await retryWhileStoreUnavailable(attempt, () => journal.commitIfUnchanged(paused))) return { kind: 'paused' }
    await syncJournal(attempt)
  }
  return undefined
}

function handedBack({ journal }: Attempt): NewEvent {
  return journal.event('attempt.lost', { attempt: journal.snapshot.run.attempt, reason: 'handed_back' })
}

/** Records the end of an attempt that was aborted. */
async function endAborted(attempt: Attempt, reason: AbortReason): Promise<AttemptEnd> {
  try {
    switch (reason) {
      case 'cancelled':
      case 'superseded':
        return { kind: 'superseded' } // whoever did it has recorded it
      case 'handed_back':
        return await recordHandedBack(attempt)
      case 'timed_out':
        return await recordTimeout(attempt)
      case 'stopped':
        return await recordStop(attempt)
    }
  } catch (error) {
    if (error instanceof AttemptAborted) return { kind: 'superseded' }
    throw error
  }
}

/** Open actions stay open: the next attempt settles them. */
async function recordHandedBack(attempt: Attempt): Promise<AttemptEnd> {
  const call = await interruptOwnCall(attempt, 'handed_back')
  await attempt.journal.commit({ ...call, events: [...call.events, handedBack(attempt)] })
  return { kind: 'handed_back' }
}

async function recordTimeout(attempt: Attempt): Promise<AttemptEnd> {
  const { journal } = attempt
  const call = await interruptOwnCall(attempt, 'timed_out')
  const message = `The task took longer than its ${journal.snapshot.run.config.timeoutMs / 1_000} s.`
  const failed = journal.event('run.failed', { error: { code: 'run_timeout', message } })
  for (;;) {
    const current = await asJournaled(attempt)
    const withdrawn = withdrawPrompts(current)
    const batch = joined(call, settleOpenActions(current), [...withdrawn, failed])
    // A prompt that somebody answers in this moment is not withdrawn.
    if (withdrawn.length === 0) await journal.commit(batch)
    else if (!(await journal.commitIfUnchanged(batch))) {
      await syncJournal(attempt)
      continue
    }
    return { kind: 'ended', state: 'failed', configuration: false }
  }
}

/**
 * Pauses a run whose call or action was interrupted, since it reached no boundary within the grace. An action that is safe to
 * repeat is open again when the run is resumed; the outcome of any other is unknown. Where the stop was withdrawn at the last
 * moment, the run goes back to the queue and goes on in another attempt.
 */
async function recordStop(attempt: Attempt): Promise<AttemptEnd> {
  const { journal } = attempt
  const call = await interruptOwnCall(attempt, 'stopped')
  for (;;) {
    await syncJournal(attempt)
    const isWithdrawn = journal.snapshot.run.stopRequestedAt === null
    const interrupted = interruptActions(await asJournaled(attempt))
    const last = isWithdrawn ? handedBack(attempt) : journal.event('run.paused', {})
    const batch = joined(call, interrupted, [last])
    if (await journal.commitIfUnchanged(batch)) return { kind: isWithdrawn ? 'handed_back' : 'paused' }
  }
}

/** Reads the conversation as the journal has it, since what was only in memory may not have reached the disk. */
async function asJournaled(attempt: Attempt): Promise<Attempt> {
  const { conversation } = await prepareRun(attempt.deps, attempt.journal.snapshot)
  return { ...attempt, conversation }
}

function joined(call: Pending, actions: Pending, last: readonly NewEvent[]): Pending {
  return joinPending(joinPending(call, actions), { events: [...last], contents: [], statements: [] })
}
