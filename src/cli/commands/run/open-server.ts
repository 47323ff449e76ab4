import { ClientError } from '../../../client/client-error.ts'
import type { Client } from '../../../client/create-client.ts'
import { type ConnectionOptions, clientFor, findKey, findTarget } from '../../connection.ts'
import type { OfflineCommands, StartedServer } from '../../offline-commands.ts'
import type { Surroundings } from '../../surroundings.ts'

export interface OpenServer {
  readonly client: Client
  /** Whether it was started for this command, and ends with it. */
  readonly started: boolean
  stop(): Promise<void>
}

/**
 * The server that was named, or the one on this machine; where none answers and none was named, one that is started as a
 * child process. Whoever opens it must stop it, also after an error.
 */
export async function openServer(
  options: ConnectionOptions,
  surroundings: Surroundings,
  offline: OfflineCommands,
): Promise<OpenServer> {
  const target = findTarget(options, surroundings.env)
  if (target !== undefined) {
    const client = clientFor(target.url, findKey(options, target.url, surroundings.env, offline), surroundings)
    if (target.named || (await answers(client))) return { client, started: false, stop: async () => undefined }
  }
  const server = await start(offline)
  const key = options.key ?? (surroundings.env['MANDATE_KEY'] || server.adminKey)
  return { client: clientFor(server.url, key, surroundings), started: true, stop: () => server.stop() }
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

async function start(offline: OfflineCommands): Promise<StartedServer> {
  try {
    return await offline.startServer()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ClientError(0, 'start_failed', `No server answers here, and none could be started: ${reason}`, { cause })
  }
}
