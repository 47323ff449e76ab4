import type { Amounts } from '../../src/domain/budget.ts'
import type { SignedStatement } from '../../src/domain/statement.ts'
import type { RunConfig } from '../../src/domain/task.ts'
import { addMessage } from '../../src/engine/commands/add-message.ts'
import { cancelRun } from '../../src/engine/commands/cancel-run.ts'
import { resumeRun } from '../../src/engine/commands/resume-run.ts'
import { stopRun } from '../../src/engine/commands/stop-run.ts'
import type { SubmitTask } from '../../src/engine/commands/submit-task.ts'
import { claimRun } from '../../src/engine/services/claim-run.ts'
import { parentOf } from '../../src/engine/submission/parent-task.ts'
import { openStatement } from '../../src/proof/signed-statement.ts'
import type { Attempt, ClaimedRun, CommitRequest, RunSteps } from '../../src/runner/attempt.ts'
import { createAttemptControl } from '../../src/runner/attempt-control.ts'
import { createAttemptJournal } from '../../src/runner/attempt-journal.ts'
import type { EngineWorld } from './create-engine-world.ts'
import type { ScriptedModels } from './scripted-models.ts'

/** Submits a task and claims its run. The dispatcher of the world is not started, so that nobody drives it. */
export async function claimSubmitted(world: EngineWorld, over: Partial<SubmitTask> = {}): Promise<ClaimedRun> {
  const { task, run } = await world.submit(over)
  const { place, priority, ownerId, agentId } = run
  const proposal = { place, priority, ownerId, agentId, taskId: task.id, runId: run.id, queuedAt: 0 }
  const claimed = await claimRun(world.deps, proposal)
  if (claimed === undefined) throw new Error('the run was claimed by somebody else')
  return claimed
}

/** Submits a task, claims its run, and opens the attempt without the call that the claim has reserved for. */
export async function openAttempt(world: EngineWorld, over: Partial<SubmitTask> = {}): Promise<Attempt> {
  return attemptOf(world, await claimSubmitted(world, over))
}

/** The same with the call that the claim has reserved for, as `runAttempt` opens it. */
export async function openStartedAttempt(world: EngineWorld, over: Partial<SubmitTask> = {}): Promise<Attempt> {
  const claimed = await claimSubmitted(world, over)
  const attempt = await attemptOf(world, claimed)
  if (claimed.firstCall !== undefined) {
    attempt.control.call = { phase: 'reserved', step: 1, tryNumber: 1, ...claimed.firstCall }
  }
  return attempt
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

/** Changes the frozen configuration of the attempt's run in memory, where no request could make it so. */
export function withConfig(attempt: Attempt, over: Partial<RunConfig>): Attempt {
  const { journal } = attempt
  const changed = Object.create(journal, {
    snapshot: {
      get: () => {
        const { task, run } = journal.snapshot
        return { task, run: { ...run, config: { ...run.config, ...over } } }
      },
    },
  })
  return { ...attempt, journal: changed }
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

/** Submits a sub-task of the attempt's task, which lends it a part of its budget. */
export function submitSubTask(world: EngineWorld, { journal }: Attempt, budget: Partial<Amounts>) {
  return world.submit({ parent: parentOf(journal.snapshot), budget })
}

/** Requests a stop of the run of this task, as its user does. */
export function stopRunOf(world: EngineWorld, taskId: string) {
  return stopRun(world.deps, world.owner, taskId)
}

/** Withdraws the stop of the run of this task, as its user does. */
export function withdrawStopOf(world: EngineWorld, taskId: string) {
  return resumeRun(world.deps, world.owner, taskId)
}

/** The calls that the scripted model of this world was sent. */
export function callsOf({ deps }: EngineWorld) {
  return (deps.models as ScriptedModels).calls
}

export const kindsOf = (events: readonly { readonly kind: string }[]) => events.map(({ kind }) => kind)

/** What a signed statement states. */
export function statementOf(signed: SignedStatement | undefined) {
  const opened = openStatement(signed?.envelope ?? '')
  if ('problem' in opened) throw new Error(opened.problem)
  return opened.statement
}

/** Cancels the attempt's run, as its user does. */
export function cancelRunOf(world: EngineWorld, { journal }: { readonly journal: Pick<ClaimedRun, 'snapshot'> }) {
  return cancelRun(world.deps, world.owner, journal.snapshot.task.id)
}
