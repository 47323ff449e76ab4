import { type Client, createClient } from '../client/create-client.ts'
import type { CliEnvironment } from './cli-environment.ts'
import type { OfflineCommands } from './offline-commands.ts'
import type { Environment } from './terminal.ts'
import { UsageError } from './usage-error.ts'

/** The options that name a server and the key for it. See `findTarget` and `findKey` for the defaults. */
export interface ConnectionOptions {
  readonly url?: string
  readonly key?: string
}

/** The server that a command calls. */
export interface Target {
  readonly url: string
  /** Whether somebody named the server; only then is none started in its place. */
  readonly named: boolean
}

/** `--url`, else `MANDATE_URL`, else where a server with these settings would listen; undefined for a port of its own choice. */
export function findTarget(options: ConnectionOptions, env: Environment): Target | undefined {
  const named = options.url ?? (env['MANDATE_URL'] || undefined)
  if (named !== undefined) return { url: checkUrl(named), named: true }
  const port = env['MANDATE_PORT'] || '7070'
  if (port === '0') return undefined
  const host = env['MANDATE_HOST'] || '127.0.0.1'
  return { url: checkUrl(`http://${reachableHost(host)}:${port}`), named: false }
}

/**
 * `--key`, else `MANDATE_KEY`, else, for a server on this machine only, the administrator's: it must never be sent to
 * whatever address was typed.
 */
export function findKey(
  options: ConnectionOptions,
  url: string,
  env: Environment,
  offline: Pick<OfflineCommands, 'localKey'>,
): string | undefined {
  const given = options.key ?? (env['MANDATE_KEY'] || undefined)
  if (given !== undefined || !isLoopback(url)) return given
  return env['MANDATE_ADMIN_KEY'] || offline.localKey(url)
}

/** A client for the server that these options name. It is not asked anything yet. */
export function connect(options: ConnectionOptions, environment: CliEnvironment, offline: OfflineCommands): Client {
  const target = findTarget(options, environment.env)
  if (target === undefined) {
    throw new UsageError('With MANDATE_PORT=0 the server has no known address: give the one it printed by --url.')
  }
  return clientFor(target.url, findKey(options, target.url, environment.env, offline), environment)
}

/** A client for this address. It sends nothing until its first call. */
export function clientFor(url: string, key: string | undefined, { fetch, wait }: CliEnvironment): Client {
  return createClient({ url, key, fetch, ...(wait && { wait }) })
}

function checkUrl(text: string): string {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/u.test(url.protocol)) {
    throw new UsageError(`"${text}" is not the address of a server; write it like http://127.0.0.1:7070.`)
  }
  return text.replace(/\/+$/u, '')
}

/** An address that means "all of mine" is listened on, not asked. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url)
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/u.test(hostname)
}
