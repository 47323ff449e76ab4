import type { FastifyInstance } from 'fastify'
import { createApp } from '../api/create-app.ts'
import type { Clock } from '../clock/clock.ts'
import { createSystemClock } from '../clock/system/create-system-clock.ts'
import { type KeyFiles, openKeyFiles } from '../data-folder/key-files.ts'
import { installBuiltinPolicies } from '../engine/commands/add-policy.ts'
import { stateRotation } from '../engine/commands/rotate-signing-key.ts'
import type { ServerDeps } from '../engine/server-deps.ts'
import { createContentPurger } from '../engine/services/content-purger.ts'
import { createPromptTimekeeper } from '../engine/services/prompt-timekeeper.ts'
import { createRunCloser } from '../engine/services/run-closer.ts'
import { rescueRuns } from '../engine/services/run-rescuer.ts'
import { createRunTimekeeper } from '../engine/services/run-timekeeper.ts'
import { createWebhookDeliverer } from '../engine/services/webhook-deliverer.ts'
import type { Catalogue } from '../model/catalogue.ts'
import { announce, unfinishedCountMax } from './announce.ts'
import { readBuiltinPolicies } from './builtin-policies.ts'
import { countRunOutcomes } from './count-run-outcomes.ts'
import { createLog } from './create-log.ts'
import { connectionsWithin, readDescriptorLimit } from './descriptor-limit.ts'
import { makeFirstStart } from './first-start.ts'
import { bindInstallation, checkFirstStart, checkInstallation } from './installation.ts'
import { openDeps } from './open-deps.ts'
import { checkDefaultModel, openModels } from './open-models.ts'
import { packageVersion } from './package-version.ts'
import type { Config } from './read-config.ts'
import { type HoldsAddress, publishServer } from './server-record.ts'
import { openSigningKeys } from './signing-keys.ts'
import { lockFolder, prepareFolder } from './start-checks.ts'
import { dataErrorToStartError, StartError, startErrorCodes } from './start-error.ts'

/** How long connections may take to end once the server is closing. */
const closeMsMax = 2_000

/** A server that takes requests. */
export interface RunningServer {
  /** Hands running work back, lets requests finish, closes the data folder; answers with the process's exit code. */
  stop(): Promise<number>
}

/** The settings of the server, and the environment that they were read from. */
export interface StartServerOptions {
  readonly config: Config
  /** The models and providers that the models file adds to the catalogue. */
  readonly extension: Catalogue | null
  readonly env: NodeJS.ProcessEnv
  /** Where the holders of a temporary server connect. Undefined for a server that runs until a signal. */
  readonly holds?: HoldsAddress | undefined
}

/** Throws StartError. What was opened until then is pushed to `opened`, for the caller to close. */
export async function startServer(options: StartServerOptions, opened: AsyncDisposableStack): Promise<RunningServer> {
  const { config, extension, env, holds } = options
  const { dataFolder } = config
  const log = createLog(config.logLevel)
  const clock = createSystemClock()
  const models = openModels({ env, extension, clock, limits: config.limits })
  checkDefaultModel(models, { env, extension }, log)
  await prepareFolder(dataFolder, log)
  opened.defer(lockFolder(dataFolder))
  const runs = countRunOutcomes()
  let address = ''
  const publicUrl = () => config.publicUrl ?? address
  const { keys, deps } = await usingData(dataFolder, async () => {
    await checkInstallation(dataFolder)
    const keys = await openKeyFiles(dataFolder, log)
    const signingKeys = await openSigningKeys(dataFolder, config.signingKeySecret, Date.now())
    const { signals } = runs
    const options = { config, log, clock, models, pepper: keys.pepper, keys: signingKeys, signals, publicUrl }
    return { keys, deps: await openDeps(options) }
  })
  opened.defer(() => deps.store.close())
  opened.defer(async () => {
    await Promise.all([deps.workers.runs.close(), deps.workers.requests.close()])
  })
  const app = await createApp(deps, {
    pepper: keys.pepper,
    adminKey: config.adminKey,
    jwt: config.jwt,
    publicUrl,
    corsOrigins: config.corsOrigins,
    trustedProxies: config.trustedProxies,
    connectionsMax: connectionsWithin(config.limits, readDescriptorLimit()),
    version: packageVersion,
    runOutcomes: () => runs.outcomes,
    requestLog: config.logLevel === 'debug' ? (facts) => log.debug(facts, 'request answered') : undefined,
  })
  // First of all the port: a server that cannot listen must neither show a key nor count a lost attempt.
  address = await listen(app, config)
  const { first, unfinished } = await usingData(dataFolder, () => prepareData(deps, keys, config))
  const stopServices = await startServices(deps)
  const record = { url: address, pid: process.pid, holds }
  opened.defer(await usingData(dataFolder, () => publishServer(dataFolder, record)))
  announce({ config, address, first, unfinished })
  return {
    async stop() {
      try {
        log.info({ running: deps.dispatcher.runningCount }, 'stopping: running work is handed back')
        await stopServices(config.limits.shutdown_grace_seconds * 1_000)
        await closeApp(app, clock)
        await opened.disposeAsync()
        return 0
      } catch (error) {
        // Everything acknowledged is on disk; the next start does the rest, as after a crash.
        log.error({ err: error }, 'the server did not stop as it should')
        return startErrorCodes.defect
      }
    },
  }
}

/** An error in `work` describes the state of the data folder, and is reported as such. */
async function usingData<Result>(dataFolder: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw dataErrorToStartError(dataFolder, error)
  }
}

/**
 * Prepares a data folder before runs are worked on. A run that an earlier process left running is rescued before
 * anything is claimed.
 */
async function prepareData(deps: ServerDeps, keys: KeyFiles, config: Config) {
  await checkFirstStart(config.dataFolder, deps.store)
  const first = await makeFirstStart(deps, keys, config.adminKey)
  await bindInstallation(config.dataFolder, deps.store, keys)
  await installBuiltinPolicies(deps, readBuiltinPolicies())
  await stateRotation(deps)
  await rescueRuns(deps)
  const unfinished = await deps.store.listRunsInState('queued', unfinishedCountMax + 1)
  return { first, unfinished: unfinished.length }
}

/** Starts what works beside the requests. The answer stops all of it. */
async function startServices(deps: ServerDeps): Promise<(graceMs: number) => Promise<void>> {
  const { dispatcher, logKeeper } = deps
  const closer = createRunCloser(deps)
  const others = [
    createRunTimekeeper(deps),
    createPromptTimekeeper(deps),
    createWebhookDeliverer(deps),
    createContentPurger(deps),
  ]
  for (const service of [dispatcher, ...others, closer, logKeeper]) await service.start()
  return async (graceMs) => {
    await Promise.all([dispatcher, ...others].map((service) => service.stop(graceMs)))
    // After the last run has ended here: runs that it left ended are closed, and under a signed head.
    await closer.stop(graceMs)
    await logKeeper.stop()
  }
}

/** Lets requests finish, but not for ever: a connection that never asked for anything would keep the server alive. */
async function closeApp(app: FastifyInstance, clock: Clock): Promise<void> {
  const cancel = clock.after(closeMsMax, () => app.server.closeAllConnections())
  await app.close()
  cancel()
}

async function listen(app: FastifyInstance, { host, port }: Config): Promise<string> {
  try {
    return await app.listen({ host, port })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EADDRINUSE') {
      throw new StartError('port', `port ${port} on ${host} is taken. Set MANDATE_PORT (0 takes any free port).`, error)
    }
    const reason = code ?? (error instanceof Error ? error.message : error)
    throw new StartError(
      'port',
      `it cannot listen on ${host}:${port} (${reason}). Set MANDATE_HOST and MANDATE_PORT.`,
      error,
    )
  }
}
