import type { Proposal } from '../../dispatch/dispatch.ts'
import type { NewEvent } from '../../domain/event.ts'
import { evolve, type TaskSnapshot } from '../../domain/evolve.ts'
import { commitEvents } from '../../journal/commit-events.ts'
import { recordEvents } from '../../journal/record-events.ts'
import type { ClaimedRun, PreparedRun } from '../../runner/attempt.ts'
import { prepareRun, startFirstStep } from '../../runner/prepare-run.ts'
import { journalAt, runIs } from '../../store/commit.ts'
import type { EngineDeps } from '../engine-deps.ts'

const triesMax = 3

/**
 * Claims a queued run for this process, and starts its first step in the same commit where that can start at once. Answers
 * undefined when another claim was first. Of several claims of one run, one commits.
 */
export async function claimRun(deps: EngineDeps, { taskId, runId }: Proposal): Promise<ClaimedRun | undefined> {
  for (let tries = 1; ; tries += 1) {
    const snapshot = await deps.store.readSnapshot(taskId)
    if (snapshot === undefined || snapshot.run.id !== runId || snapshot.run.state !== 'queued') return undefined
    const claimed = await commitClaim(deps, snapshot)
    if (claimed !== 'changed') return claimed
    if (tries === triesMax) throw new Error(`The journal of task ${taskId} kept growing while its run was claimed.`)
  }
}

/** Answers `changed` where the journal grew since it was read. */
async function commitClaim(deps: EngineDeps, snapshot: TaskSnapshot): Promise<ClaimedRun | undefined | 'changed'> {
  const { task, run } = snapshot
  const prepared = await prepareRun(deps, snapshot)
  const claim = await startClaim(deps, snapshot, prepared)
  const outcome = await commitEvents(deps, [recordEvents(deps, snapshot, claim.events)], {
    require: [runIs(run.id, ['queued'], run.attempt), journalAt(task.id, task.lastSeq)],
  })
  if (!outcome.committed) return outcome.refused.name === 'journalAt' ? 'changed' : undefined
  const [claimed = claim.snapshot] = outcome.after
  return { ...claim.prepared, snapshot: claimed }
}

/** Makes the events that claim a run, with those of its first step where that can start at once. */
export async function startClaim(deps: EngineDeps, queued: TaskSnapshot, prepared: PreparedRun) {
  const event = claimEvent(queued, deps.clock.now())
  const claimed = evolve(queued, event)
  const started = await startFirstStep(deps, claimed, prepared)
  if (started === undefined) return { events: [event], snapshot: claimed, prepared }
  const snapshot = evolve(claimed, started.event)
  return { events: [event, started.event], snapshot, prepared: started.prepared }
}

function claimEvent({ run }: TaskSnapshot, at: number): NewEvent {
  const attempt = run.attempt + 1
  return { kind: 'run.claimed', run: run.id, attempt, at, facts: { attempt }, contents: {} }
}
