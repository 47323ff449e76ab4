import { ClientError } from '../../../client/client-error.ts'
import type { Client } from '../../../client/create-client.ts'
import { waitFor } from '../../../client/reconnect-rule.ts'
import type { CliEnvironment } from '../../cli-environment.ts'
import { type ConnectionOptions, clientFor, findKey, findTarget } from '../../connection.ts'
import type { LocalServer, OfflineCommands } from '../../offline-commands.ts'

/** A server that answers, and the client for it. */
export interface OpenServer {
  readonly client: Client
  /** Whether it ends when the last command that uses it does; `started`: this one brought it up. */
  readonly temporary: 'started' | 'joined' | false
  /** A note for the person about a server that was started. */
  readonly note?: string | undefined
  letGo(): Promise<void>
}

/** How often, and after how long each time, a server is looked for again that another process is starting or ending. */
const again = { triesMax: 120, delayMs: 250 }
/** The exit codes of `mandate serve` for a data folder, or a port, that another process uses. */
const folderInUse = 75
const portTaken = 71

/**
 * The server that was named, or the one on this machine; where there is none, a temporary one that is started. Where another
 * command has just started one, or one is just ending, this waits for it. Whoever opens it must let go of it, also after an
 * error.
 */
export async function openServer(
  options: ConnectionOptions,
  environment: CliEnvironment,
  offline: OfflineCommands,
): Promise<OpenServer> {
  const target = findTarget(options, environment.env)
  const url = target?.url
  if (url !== undefined && target?.named) return plainServer(url, options, environment, offline)
  const wait = environment.wait ?? waitFor
  for (let tries = 1; ; tries += 1) {
    const found = await findServer(url, options, environment, offline)
    if (found !== undefined) return found
    try {
      return heldServer(await offline.startServer(), 'started', options, environment)
    } catch (error) {
      if (!isWorthAnother(error, tries)) throw startFailed(error)
      await wait(again.delayMs, undefined)
    }
  }
}

/** A server that is there: at the address that is asked, else the one of the data folder, wherever that listens. */
async function findServer(
  url: string | undefined,
  options: ConnectionOptions,
  environment: CliEnvironment,
  offline: OfflineCommands,
): Promise<OpenServer | undefined> {
  const known = await offline.joinServer(url)
  if (known === 'ending') return undefined // a new one is started as soon as it lets go of the data folder
  if (known?.temporary) return heldServer(known, 'joined', options, environment)
  if (known !== undefined) return plainServer(known.url, options, environment, offline)
  if (url === undefined) return undefined
  const server = plainServer(url, options, environment, offline)
  if (await answers(server.client)) return server
  return await findServer(undefined, options, environment, offline)
}

function plainServer(
  url: string,
  options: ConnectionOptions,
  environment: CliEnvironment,
  offline: OfflineCommands,
): OpenServer {
  const client = clientFor(url, findKey(options, url, environment.env, offline), environment)
  return { client, temporary: false, letGo: async () => undefined }
}

function heldServer(
  { url, adminKey, note, letGo }: LocalServer,
  temporary: 'started' | 'joined',
  options: ConnectionOptions,
  environment: CliEnvironment,
): OpenServer {
  const key = options.key ?? (environment.env['MANDATE_KEY'] || adminKey)
  return { client: clientFor(url, key, environment), temporary, note, letGo }
}

/** Whether anything answers there; if it is no server of ours, the first real question says so. */
async function answers(client: Client): Promise<boolean> {
  try {
    await client.readHealth()
    return true
  } catch (error) {
    if (error instanceof ClientError) return error.code !== 'unreachable'
    throw error
  }
}

/** A port may be held by any program, which would not end soon. */
function isWorthAnother(error: unknown, tries: number): boolean {
  const exitCode = error instanceof Error && 'exitCode' in error ? error.exitCode : undefined
  return (exitCode === folderInUse && tries < again.triesMax) || (exitCode === portTaken && tries < 3)
}

function startFailed(cause: unknown): ClientError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new ClientError(0, 'start_failed', `No server answers here, and none could be started: ${reason}`, { cause })
}
