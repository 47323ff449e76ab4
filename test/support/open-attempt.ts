import { addMessage } from '../../src/engine/commands/add-message.ts'
import { cancelRun } from '../../src/engine/commands/cancel-run.ts'
import { claimRun } from '../../src/engine/services/claim-run.ts'
import type { Attempt, ClaimedRun, CommitRequest, RunSteps } from '../../src/runner/attempt.ts'
import { createAttemptControl } from '../../src/runner/attempt-control.ts'
import { createAttemptJournal } from '../../src/runner/attempt-journal.ts'
import type { EngineWorld } from './create-engine-world.ts'

/** Submits a task, claims its run, and opens the attempt that nobody drives yet. The dispatcher of the world is not started. */
export async function openAttempt(world: EngineWorld): Promise<Attempt> {
  const { task, run } = await world.submit()
  const { place, priority, ownerId, agentId } = run
  const proposal = { place, priority, ownerId, agentId, taskId: task.id, runId: run.id, queuedAt: 0 }
  const claimed = await claimRun(world.deps, proposal)
  if (claimed === undefined) throw new Error('the run was claimed by somebody else')
  return attemptOf(world, claimed)
}

async function attemptOf({ deps }: EngineWorld, claimed: ClaimedRun): Promise<Attempt> {
  const { snapshot, conversation, instructions } = claimed
  const policy = await deps.store.readPolicy(snapshot.run.config.policy.digest)
  if (policy === undefined) throw new Error('the policy of the run is gone')
  return {
    deps,
    journal: createAttemptJournal(deps, snapshot),
    control: createAttemptControl(deps.clock, 1_000),
    conversation,
    instructions,
    policy,
    workspace: undefined,
  }
}

/** Drives a generator of the runner to its end, committing what it yields. Answers with its result and the requests. */
export async function driveToEnd<T>(
  { journal }: Attempt,
  steps: RunSteps<T>,
): Promise<{ readonly result: T; readonly requests: readonly CommitRequest[] }> {
  const requests: CommitRequest[] = []
  let isCommitted = true
  for (;;) {
    const next = await steps.next(isCommitted)
    if (next.done) return { result: next.value, requests }
    requests.push(next.value)
    const { boundary: _, onlyIfUnchanged, ...batch } = next.value
    isCommitted = true
    if (batch.events.length === 0) continue
    if (onlyIfUnchanged) isCommitted = await journal.commitIfUnchanged(batch)
    else await journal.commit(batch)
  }
}

/** Adds a message to the attempt's task, as its user does. */
export function sayTo(world: EngineWorld, { journal }: Attempt) {
  return addMessage(world.deps, world.owner, journal.snapshot.task.id, { input: { text: 'wait' } })
}

/** Cancels the attempt's run, as its user does. */
export function cancelRunOf(world: EngineWorld, { journal }: Attempt) {
  return cancelRun(world.deps, world.owner, journal.snapshot.task.id)
}
