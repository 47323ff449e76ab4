import { join } from 'node:path'
import { createDiskBlobs } from '../blob/disk/create-disk-blobs.ts'
import type { Clock } from '../clock/clock.ts'
import { folderNames } from '../data-folder/folder-names.ts'
import { createEmbeddedDispatch } from '../dispatch/embedded/create-embedded-dispatch.ts'
import type { Limits } from '../domain/limits.ts'
import type { EngineDeps, Log } from '../engine/engine-deps.ts'
import { createPlatformFaults } from '../engine/platform-faults.ts'
import type { ServerDeps } from '../engine/server-deps.ts'
import { createLogKeeper } from '../engine/services/log-keeper.ts'
import { openLog } from '../engine/services/open-log.ts'
import { createRunDispatcher, type DispatcherSignals } from '../engine/services/run-dispatcher.ts'
import { createRunningAttempts } from '../engine/services/running-attempts.ts'
import type { SigningKeys } from '../engine/signing-keys.ts'
import { createOutbox } from '../engine/webhooks/create-outbox.ts'
import { createGuard } from '../guard/create-guard.ts'
import { createPolicyEngine } from '../guard/policy/create-policy-engine.ts'
import { createInProcessLive } from '../live/in-process/create-in-process-live.ts'
import type { Models } from '../model/model.ts'
import { rememberRecent } from '../store/recent/remember-recent.ts'
import { createSqliteStore } from '../store/sqlite/create-sqlite-store.ts'
import { createBuiltinTools } from '../tool/builtin/create-builtin-tools.ts'
import { createDiskWorkspaces } from '../tool/workspace-disk/create-disk-workspaces.ts'
import { workspaceLimitsOf } from '../tool/workspace-disk/workspace-limits.ts'
import { createInProcessWakeup } from '../wakeup/in-process/create-in-process-wakeup.ts'
import { createWorkerPool } from '../worker-pool/create-worker-pool.ts'
import type { WorkerPool, Workers } from '../worker-pool/worker-pool.ts'
import { openNotary } from './open-notary.ts'
import { openWebhooks } from './open-webhooks.ts'
import { packageVersion } from './package-version.ts'
import type { Config } from './read-config.ts'
import { createSystemRandomness } from './system-randomness.ts'

interface OpenDepsOptions {
  readonly config: Config
  readonly log: Log
  readonly clock: Clock
  readonly models: Models
  readonly pepper: Uint8Array
  readonly keys: SigningKeys
  readonly signals: DispatcherSignals
  /** Returns the address at which people reach the server; it is asked for once the server listens. */
  readonly publicUrl: () => string
}

/** Opens the dependencies of the server on its data folder. The only place where implementations are chosen. */
export async function openDeps(options: OpenDepsOptions): Promise<ServerDeps> {
  const { config, log, clock, models, pepper, keys, signals, publicUrl } = options
  const { limits } = config
  const rows = await createSqliteStore({
    path: join(config.dataFolder, folderNames.database),
    commitsWaitingMax: limits.commits_waiting_max,
    syncDelayMs: config.syncDelayMs,
    onProblem(problem) {
      if (problem === undefined) log.info({}, 'the storage takes writes again')
      else log.error({ problem }, 'the storage does not take writes, so nothing new is accepted')
    },
  })
  const store = rememberRecent(rows)
  const blobs = createDiskBlobs(join(config.dataFolder, folderNames.blobs))
  const workspaces = createDiskWorkspaces({
    folder: join(config.dataFolder, folderNames.workspaces),
    blobs,
    limits: workspaceLimitsOf(limits),
  })
  const tools = createBuiltinTools({
    version: packageVersion,
    allowPrivateNetwork: config.allowPrivateNetwork,
    limits,
  })
  const wakeup = createInProcessWakeup()
  const randomness = createSystemRandomness(clock.now)
  const outbox = createOutbox(randomness, wakeup)
  await outbox.open(store)
  const policies = createPolicyEngine()
  const workers = openWorkers(limits, clock)
  const { notary, signingKeys } = await openNotary(
    store,
    await openLog({ store, clock, randomness, keyring: keys.keyring }),
    keys,
  )
  const deps: EngineDeps = {
    store,
    blobs,
    workspaces,
    clock,
    limits,
    log,
    runKeys: new Map(),
    wakeup,
    outbox,
    webhooks: openWebhooks(config, pepper, publicUrl),
    faults: createPlatformFaults(log),
    live: createInProcessLive(),
    models,
    tools: new Map(tools.map((tool) => [tool.name, tool])),
    guard: createGuard(policies.evaluate, workers.runs),
    workers,
    policies,
    notary,
    signingKeys,
    randomness,
    dispatch: createEmbeddedDispatch({ queue: store, now: clock.now, after: clock.after }),
    attempts: createRunningAttempts(),
  }
  return { ...deps, dispatcher: createRunDispatcher(deps, signals), logKeeper: createLogKeeper(deps) }
}

/** The pools of this server. No thread is started before there is a job for it. */
function openWorkers(limits: Limits, clock: Clock): Workers {
  const open = (name: string, waitingMax: number): WorkerPool =>
    createWorkerPool({
      name,
      clock,
      waitingMax,
      threadsMax: limits.worker_threads_max,
      perUserMax: limits.worker_jobs_per_user_max,
      timeoutMs: limits.worker_timeout_ms,
      memoryMb: limits.worker_memory_mb,
    })
  return {
    // A run waits for one job at a time, so that `runs_running_max` bounds what waits here.
    runs: open('runs-worker', Number.POSITIVE_INFINITY),
    requests: open('requests-worker', limits.worker_jobs_waiting_max),
  }
}
