import { join } from 'node:path'
import { createSystemClock } from '../../src/clock/system/create-system-clock.ts'
import { createEmbeddedDispatch } from '../../src/dispatch/embedded/create-embedded-dispatch.ts'
import { limitDefaults } from '../../src/domain/limits.ts'
import type { ServerDeps } from '../../src/engine/server-deps.ts'
import { chooseLane, type Load } from '../../src/engine/services/admission.ts'
import { claimRun } from '../../src/engine/services/claim-run.ts'
import { createSystemRandomness } from '../../src/main/system-randomness.ts'
import { createSqliteStore } from '../../src/store/sqlite/create-sqlite-store.ts'
import { createInProcessWakeup } from '../../src/wakeup/in-process/create-in-process-wakeup.ts'
import { createScriptedModels } from '../../test/support/scripted-models.ts'
import { queuedTask } from '../queue/queued-tasks.ts'
import { percentile } from '../statistics.ts'
import type { Measure } from './measure.ts'

const small = 1_000
const large = 1_000_000
const tasksPerCommit = 500
const claimsPerTurn = 50

const clock = createSystemClock()
const randomness = createSystemRandomness(clock.now)
const unlimited: Load = {
  slotsMax: Number.POSITIVE_INFINITY,
  total: 0,
  byOwner: new Map(),
  byAgent: new Map(),
  agentLimit: () => undefined,
}

/**
 * Proposing and claiming a run, straight on store and dispatch in this process, with few and with a million queued. Both
 * queues are there at the same time and are claimed from in turns; what was claimed is filled up again.
 */
export const claimCost: Measure = {
  name: 'claim-cost',
  contenders: ['mandate'],
  roundsMax: 1,
  metrics: [
    { key: 'claim.small.propose', label: `A proposal, ${small} queued: p50`, unit: 'ms', digits: 3 },
    { key: 'claim.large.propose', label: `A proposal, ${large} queued: p50`, unit: 'ms', digits: 3 },
    { key: 'claim.small', label: `Proposal and claim (with its fsync), ${small} queued: p50`, unit: 'ms', digits: 3 },
    { key: 'claim.large', label: `Proposal and claim (with its fsync), ${large} queued: p50`, unit: 'ms', digits: 3 },
    { key: 'claim.ratio', label: 'Claim, many / few queued', unit: '×', digits: 2 },
  ],
  async run({ folder, quick }) {
    const few = await openQueue(join(folder, 'few.sqlite'), quick ? 200 : small)
    const many = await openQueue(join(folder, 'many.sqlite'), quick ? 5_000 : large)
    try {
      // The first turns only let the code be compiled.
      for (const queue of [few, many]) await queue.claim(claimsPerTurn)
      for (const { proposals, claims } of [few, many]) proposals.length = claims.length = 0
      for (let turn = 0; turn < (quick ? 2 : 20); turn += 1) {
        await few.claim(claimsPerTurn)
        await many.claim(claimsPerTurn)
      }
      const p50 = (samples: readonly number[]) => percentile(samples, 0.5)
      return {
        'claim.small.propose': p50(few.proposals),
        'claim.large.propose': p50(many.proposals),
        'claim.small': p50(few.claims),
        'claim.large': p50(many.claims),
        'claim.ratio': p50(many.claims) / p50(few.claims),
      }
    } finally {
      await Promise.all([few.close(), many.close()])
    }
  },
}

interface Queue {
  /** Milliseconds each. */
  readonly proposals: number[]
  readonly claims: number[]
  claim(count: number): Promise<void>
  close(): Promise<void>
}

async function openQueue(path: string, length: number): Promise<Queue> {
  const store = await createSqliteStore({
    path,
    commitsWaitingMax: limitDefaults.commits_waiting_max,
    syncDelayMs: 0,
  })
  const dispatch = createEmbeddedDispatch({ queue: store, ...clock })
  let n = 0
  const fill = async (count: number) => {
    for (let left = count; left > 0; left -= tasksPerCommit) {
      const batch = Array.from({ length: Math.min(left, tasksPerCommit) }, () =>
        queuedTask(randomness, n++, clock.now()),
      )
      await store.commit({ write: batch.flatMap(({ writes }) => writes) })
      for (const { run } of batch) dispatch.enqueued(run, null)
    }
  }
  await dispatch.start()
  await fill(length)
  // All that a claim touches of the rooms.
  const outbox = { promise: () => [] } // nobody waits for events here
  const deps = {
    store,
    clock,
    outbox,
    wakeup: createInProcessWakeup(),
    limits: limitDefaults,
    models: createScriptedModels([]), // asked for prices only
    tools: new Map(),
    runKeys: new Map(),
  } as unknown as ServerDeps
  const proposals: number[] = []
  const claims: number[] = []
  const claimOne = async () => {
    const from = performance.now()
    const proposal = await dispatch.propose((lanes) => chooseLane(unlimited, lanes))
    if (proposal === undefined) throw new Error('nothing is queued')
    proposals.push(performance.now() - from)
    const claimed = await claimRun(deps, proposal)
    if (claimed === undefined) throw new Error('a claim was refused')
    claims.push(performance.now() - from)
    dispatch.settled(proposal)
  }
  return {
    proposals,
    claims,
    async claim(count) {
      for (let i = 0; i < count; i += 1) await claimOne()
      await fill(count)
    },
    async close() {
      dispatch.stop()
      await store.close()
    },
  }
}
