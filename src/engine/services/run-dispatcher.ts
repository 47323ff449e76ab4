import type { LaneRef, Proposal } from '../../dispatch/dispatch.ts'
import type { Agent } from '../../domain/agent.ts'
import type { Run } from '../../domain/task.ts'
import type { AttemptEnd, ClaimedRun } from '../../runner/attempt.ts'
import { type AttemptControl, createAttemptControl } from '../../runner/attempt-control.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { chooseLane, hasRoom } from './admission.ts'
import { claimRun } from './claim-run.ts'
import { executeAttempt } from './execute-attempt.ts'
import type { Service } from './poll-loop.ts'
import { createRunningLoad } from './running-load.ts'

const retryMs = 1_000

/** A slot that a run may take. `release` gives it back, or the end of the attempt that was launched in it. */
export interface Slot {
  readonly lane: LaneRef
}

/**
 * Starts queued runs in this process as far as there are slots, and counts those that run. The store's conditional claim
 * decides who gets a run; everything here is a hint, and a crash loses nothing by it.
 */
export interface RunDispatcher extends Service {
  start(): Promise<void>
  /**
   * Takes a slot for a run that is about to be submitted. Answers undefined where none is free, or the run would overtake a
   * queued one.
   */
  reserve(lane: LaneRef): Slot | undefined
  /** Gives back a slot in which nothing was launched. */
  release(slot: Slot): void
  /** Executes a run that was claimed in this slot; the claim is on disk. */
  launch(slot: Slot, claimed: ClaimedRun): void
  /** Tells that a run was queued; it is on disk. */
  enqueued(run: Run): void
  /** Tells the agent as it is now: its limits hold for claims from here on. */
  refreshAgent(agent: Agent): void
  /** Claims nothing more. Running runs get `graceMs` to reach a boundary, then they are aborted and handed back. */
  stop(graceMs: number): Promise<void>
  readonly runningCount: number
}

/** Named moments, for tests. */
export interface DispatcherSignals {
  attemptEnded?(runId: string, end: AttemptEnd | { kind: 'broke' }): void
}

/** Creates the dispatcher of this process. It reserves and claims nothing before `start`. */
export function createRunDispatcher(deps: EngineDeps, signals: DispatcherSignals = {}): RunDispatcher {
  const load = createRunningLoad(() => deps.limits.runs_running_max)
  let accepting = false

  const take = (lane: LaneRef): Slot => {
    load.add(lane, 1)
    return { lane }
  }
  const release = (slot: Slot) => {
    load.add(slot.lane, -1)
    pump()
  }
  const enqueue = (run: Run) => {
    deps.dispatch.enqueued(run, run.notBefore)
    pump()
  }
  const execute = async (claimed: ClaimedRun, control: AttemptControl) => {
    const { id } = claimed.snapshot.run
    try {
      const { end, queued } = await executeAttempt(deps, claimed, control, load)
      if (queued !== undefined) enqueue(queued)
      signals.attemptEnded?.(id, end)
    } catch (error) {
      // The run's row still says running. The next start takes it up.
      deps.log.error({ err: error, run: id }, 'an attempt could not be ended')
    }
  }
  const launch: RunDispatcher['launch'] = (slot, claimed) => {
    const control = createAttemptControl(deps.clock, deps.limits.stop_grace_seconds * 1_000)
    const done = execute(claimed, control)
    deps.attempts.add(claimed.snapshot.run.id, control, done)
    void done.then(() => release(slot))
  }

  /** Claims one proposed run; its slot is taken from the moment it was proposed. */
  const claim = async (slot: Slot, proposal: Proposal) => {
    const { dispatch, log, clock } = deps
    try {
      const claimed = await claimRun(deps, proposal)
      dispatch.settled(proposal)
      if (claimed === undefined) release(slot)
      else launch(slot, claimed)
    } catch (error) {
      dispatch.settled(proposal)
      log.warn({ err: error, run: proposal.runId }, 'a run could not be claimed; trying again')
      clock.after(retryMs, () => {
        dispatch.enqueued(proposal, null)
        release(slot)
      })
    }
  }
  const startQueuedRuns = async () => {
    const { dispatch, store } = deps
    while (accepting) {
      const proposal = await dispatch.propose((lanes) => chooseLane(load.load, lanes))
      if (proposal === undefined) return
      if (load.knows(proposal.agentId) && accepting) {
        void claim(take(proposal), proposal)
        continue
      }
      // The proposal is put back: with the agent's own limit known, another lane may be the one to go first.
      load.refresh(proposal.agentId, await store.readAgent(proposal.agentId))
      dispatch.settled(proposal)
      dispatch.enqueued(proposal, null)
    }
  }
  const pump = singleFlight(startQueuedRuns, (error) => {
    deps.log.error({ err: error }, 'the queue could not be read; trying again')
    deps.clock.after(retryMs, pump)
  })

  return {
    async start() {
      deps.dispatch.onDue(pump)
      await deps.dispatch.start()
      accepting = true
      pump()
    },
    reserve(lane) {
      if (!accepting || deps.dispatch.hasQueued() || !hasRoom(load.load, lane)) return undefined
      return take(lane)
    },
    release,
    launch,
    enqueued: enqueue,
    refreshAgent(agent) {
      load.refresh(agent.id, agent)
      if (deps.dispatch.hasQueued()) pump()
    },
    async stop(graceMs) {
      accepting = false
      deps.dispatch.stop()
      await deps.attempts.stop(deps.clock, graceMs)
    },
    get runningCount() {
      return deps.attempts.size
    },
  }
}

/** Runs `work` once at a time; a call in the meantime makes it run once more. */
function singleFlight(work: () => Promise<void>, failed: (error: unknown) => void): () => void {
  let busy = false
  let again = false
  const start = () => {
    again = busy
    if (busy) return
    busy = true
    work()
      .catch(failed)
      .finally(() => {
        busy = false
        if (again) start()
      })
  }
  return start
}
