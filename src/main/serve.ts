import { setTimeout } from 'node:timers/promises'
import { inspect } from 'node:util'
import { endProcess, listenForStop, type StopRequest } from './end-process.ts'
import { openHolds } from './holds.ts'
import { keyVariablesOf, readModelsFile } from './models-file.ts'
import { readConfig } from './read-config.ts'
import type { HoldsAddress } from './server-record.ts'
import { refuseMistypedSettings } from './settings.ts'
import { StartError } from './start-error.ts'
import type { RunningServer, StartServerOptions } from './start-server.ts'

/** How long what was opened may take to close after a start that failed; then the process ends all the same. */
const releaseMsMax = 500

/** The options of `serve` that are no settings. */
export interface ServeOptions {
  /** Ends when nobody uses the server any more; see `Holds`. */
  readonly temporary?: boolean | undefined
}

/** Runs the server as this process, and ends the process with the server's exit code, whatever is still open then. */
export async function serve(env: NodeJS.ProcessEnv, { temporary = false }: ServeOptions = {}): Promise<never> {
  const stop = listenForStop()
  const holds = temporary ? await openHolds(process.stdin) : undefined
  void holds?.unused.then(stop.stop)
  return await endProcess(await runServer(env, stop, holds?.address))
}

/**
 * Starts the server, runs it until it is asked to stop, and answers with its exit code. A start that is asked to stop is
 * broken off where it is, like one that is killed: nothing of it was acknowledged.
 */
async function runServer(env: NodeJS.ProcessEnv, stop: StopRequest, holds?: HoldsAddress): Promise<number> {
  const opened = new AsyncDisposableStack()
  try {
    const running = await Promise.race([start(env, opened, holds), stop.asked])
    if (running === undefined) return 0
    await stop.asked
    return await running.stop()
  } catch (error) {
    const { message, exitCode, cause } = asStartError(error)
    process.stderr.write(`Mandate cannot start: ${message}\n`)
    if (env['MANDATE_LOG_LEVEL'] === 'debug') process.stderr.write(`${inspect(cause)}\n`)
    await Promise.race([opened.disposeAsync(), setTimeout(releaseMsMax)])
    return exitCode
  }
}

async function start(
  env: NodeJS.ProcessEnv,
  opened: AsyncDisposableStack,
  holds?: HoldsAddress,
): Promise<RunningServer> {
  const options = { ...readOptions(env), holds }
  // Loaded only now, so that a wrong setting is reported at once and a signal meanwhile is heard.
  const { startServer } = await import('./start-server.ts')
  return await startServer(options, opened)
}

/** Reads the settings. A wrong one is found before anything is opened. */
function readOptions(env: NodeJS.ProcessEnv): StartServerOptions {
  const extension = readModelsFile(env['MANDATE_MODELS'])
  return { config: readConfig(refuseMistypedSettings(env, keyVariablesOf(extension))), extension, env }
}

function asStartError(error: unknown): StartError {
  if (error instanceof StartError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new StartError('defect', `it met a defect of its own (${reason}). MANDATE_LOG_LEVEL=debug shows where.`, error)
}
