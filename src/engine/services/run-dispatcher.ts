import type { LaneRef, Proposal } from '../../dispatch/dispatch.ts'
import { chooseLane, hasRoom } from '../admission.ts'
import type { RunDispatcher, Slot } from '../run-dispatcher.ts'
import type { ServerDeps } from '../server-deps.ts'
import { singleFlight } from '../single-flight.ts'
import { claimRun } from './claim-run.ts'
import { createRunningAttempts, type DispatcherSignals } from './running-attempts.ts'
import { createRunningLoad } from './running-load.ts'

const retryMs = 1_000

/** `getDeps` because the dependencies hold the dispatcher themselves; it is not called before `start`. */
export function createRunDispatcher(getDeps: () => ServerDeps, signals: DispatcherSignals = {}): RunDispatcher {
  const load = createRunningLoad(() => getDeps().limits.runs_running_max)
  const attempts = createRunningAttempts(getDeps, load, signals)
  let accepting = false

  const take = (lane: LaneRef): Slot => {
    load.add(lane, 1)
    return { lane }
  }
  const release = (slot: Slot) => {
    load.add(slot.lane, -1)
    pump()
  }
  const launch: RunDispatcher['launch'] = (slot, claimed) => attempts.launch(claimed, () => release(slot))

  /** Claims one proposed run; its slot is taken from the moment it was proposed. */
  const claim = async (slot: Slot, proposal: Proposal) => {
    const { dispatch, log, clock } = getDeps()
    try {
      const claimed = await claimRun(getDeps(), proposal)
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
  const startWhatMay = async () => {
    const { dispatch, store } = getDeps()
    while (accepting) {
      const proposal = await dispatch.propose((lanes) => chooseLane(load.load, lanes))
      if (proposal === undefined) return
      if (load.knows(proposal.agentId) && accepting) {
        void claim(take(proposal), proposal)
        continue
      }
      // Put back: with the agent's own limit known, another lane may be the one to go first.
      load.learn(proposal.agentId, await store.readAgent(proposal.agentId))
      dispatch.settled(proposal)
      dispatch.enqueued(proposal, null)
    }
  }
  const pump = singleFlight(startWhatMay, (error) => {
    getDeps().log.error({ err: error }, 'the queue could not be read; trying again')
    getDeps().clock.after(retryMs, pump)
  })

  return {
    async start() {
      const { dispatch } = getDeps()
      dispatch.onDue(pump)
      await dispatch.start()
      accepting = true
      pump()
    },
    reserve(lane) {
      if (!accepting || getDeps().dispatch.hasQueued() || !hasRoom(load.load, lane)) return undefined
      return take(lane)
    },
    release,
    launch,
    enqueued(run) {
      getDeps().dispatch.enqueued(run, run.notBefore)
      pump()
    },
    running: attempts.controlOf,
    notifyNewEvents(runId) {
      const control = attempts.controlOf(runId)
      if (control !== undefined) control.hasNewEvents = true
    },
    learnAgent(agent) {
      load.learn(agent.id, agent)
      if (getDeps().dispatch.hasQueued()) pump()
    },
    async stop(graceMs) {
      accepting = false
      getDeps().dispatch.stop()
      await attempts.stop(graceMs)
    },
    get runningCount() {
      return attempts.size
    },
  }
}
