import type { FastifyInstance } from 'fastify'
import { createApp } from '../api/create-app.ts'
import type { Clock } from '../clock/clock.ts'
import { installBuiltinPolicies } from '../engine/commands/add-policy.ts'
import { stateRotation } from '../engine/commands/rotate-signing-key.ts'
import type { ServerRooms } from '../engine/server-rooms.ts'
import { startContentPurger } from '../engine/services/content-purger.ts'
import { startRunCloser } from '../engine/services/run-closer.ts'
import { rescueRuns } from '../engine/services/run-rescuer.ts'
import { startRunTimekeeper } from '../engine/services/run-timekeeper.ts'
import { startWebhookDeliverer } from '../engine/services/webhook-deliverer.ts'
import { announce } from './announce.ts'
import { readBuiltinPolicies } from './builtin-policies.ts'
import { countRunOutcomes } from './count-run-outcomes.ts'
import { createLog } from './create-log.ts'
import { makeFirstStart } from './first-start.ts'
import { type KeyFiles, openKeyFiles } from './key-files.ts'
import { openRooms } from './open-rooms.ts'
import { packageVersion } from './package-version.ts'
import { type Config, readConfig } from './read-config.ts'
import { openSigningKeys } from './signing-keys.ts'
import { lockFolder, openErrorToStartError, prepareFolder } from './start-checks.ts'
import { StartError } from './start-error.ts'

/** How long connections may take to end once everything has been told to. */
const closeMsMax = 2_000

/**
 * Runs the server until SIGTERM or SIGINT and answers with its exit code. Nothing is claimed before what an earlier process
 * left running is back in the queue.
 */
export async function serve(env: NodeJS.ProcessEnv): Promise<number> {
  try {
    const config = readConfig(env)
    return await serveWith(config)
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    process.stderr.write(`Mandate cannot start: ${error.message}\n`)
    return error.exitCode
  }
}

async function serveWith(config: Config): Promise<number> {
  const stopAsked = stopSignal()
  prepareFolder(config.dataFolder)
  const unlock = lockFolder(config.dataFolder)
  const log = createLog(config.logLevel)
  const keys = openKeyFiles(config.dataFolder)
  const runs = countRunOutcomes()
  const signingKeys = await openSigningKeys(config.dataFolder, config.signingKeySecret, Date.now())
  const rooms = await openRooms(config, log, keys.pepper, signingKeys, runs.signals).catch((error: unknown) => {
    throw openErrorToStartError(error)
  })
  try {
    return await serveRooms(config, rooms, keys, runs.outcomes, stopAsked)
  } finally {
    await rooms.store.close()
    unlock()
  }
}

async function serveRooms(
  config: Config,
  rooms: ServerRooms,
  keys: KeyFiles,
  runOutcomes: ReadonlyMap<string, number>,
  stopAsked: Promise<void>,
): Promise<number> {
  let address = ''
  const app = await createApp(rooms, {
    pepper: keys.pepper,
    adminKey: config.adminKey,
    jwt: config.jwt,
    publicUrl: () => config.publicUrl ?? address,
    corsOrigins: config.corsOrigins,
    version: packageVersion,
    runOutcomes: () => runOutcomes,
  })
  // First of all the port: a server that cannot listen must neither show a key nor count a lost attempt.
  address = await listen(app, config)
  const first = await makeFirstStart(rooms, keys, config.adminKey)
  await installBuiltinPolicies(rooms, readBuiltinPolicies())
  await stateRotation(rooms)
  const rescued = await rescueRuns(rooms)
  await rooms.dispatcher.start()
  const stopTimekeeper = startRunTimekeeper(rooms)
  const stopDeliverer = startWebhookDeliverer(rooms)
  const stopCloser = startRunCloser(rooms)
  const stopPurger = startContentPurger(rooms)
  rooms.logKeeper.start()
  announce({ config, address, first, rescued })

  await stopAsked
  rooms.log.info({ running: rooms.dispatcher.runningCount }, 'stopping: running work is handed back')
  const graceMs = config.limits.shutdown_grace_seconds * 1_000
  await Promise.all([rooms.dispatcher.stop(graceMs), stopTimekeeper(), stopDeliverer(graceMs), stopPurger()])
  // After the last run has ended here: what it left is closed, and under a signed head.
  await stopCloser()
  await rooms.logKeeper.stop()
  await closeApp(app, rooms.clock)
  return 0
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
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new StartError(
        'port',
        `it cannot listen on ${host}:${port} (${code}). Set MANDATE_HOST and MANDATE_PORT.`,
        error,
      )
    }
    throw error
  }
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once: the next start takes up what ran. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const stop = () => {
      if (asked) process.exit(130)
      asked = true
      resolve()
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
  })
}
