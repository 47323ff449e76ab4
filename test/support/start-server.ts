import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../../bin/mandate.mjs', import.meta.url))

export const testAdminKey = 'the-admin-key-of-a-test'

/** Where servers of tests say which data folders there are: not among those of the person who runs the tests. */
export const testStateFolder = join(tmpdir(), 'mandate-test-state')

export interface RunningServer {
  readonly url: string
  /** Everything on stdout up to and including the `listening on` line. */
  readonly greeting: string
  readonly process: ChildProcess
  /** Everything on stderr until now. */
  said(): string
  /** Sends the signal and resolves with the exit code (null when it was killed). */
  stop(signal?: NodeJS.Signals): Promise<number | null>
  /** A JSON request with the admin key. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
}

/**
 * The real server as a process of its own, on a free port of the loopback. Rejects with what it said when it does not start.
 */
export function startServer(
  dataFolder: string,
  env: Record<string, string> = {},
  how: SpawnOptions = {},
): Promise<RunningServer> {
  return spawnServer(dataFolder, env, how).started
}

interface SpawnOptions {
  /** A command that runs it, such as one that limits it. */
  readonly under?: readonly string[]
  /** Of the program, instead of `serve` alone. */
  readonly argv?: readonly string[]
}

/** As `startServer`, for whoever wants to do something to the process while it starts. */
export function spawnServer(
  dataFolder: string,
  env: Record<string, string> = {},
  { under = [], argv = ['serve'] }: SpawnOptions = {},
): { readonly process: ChildProcess; readonly started: Promise<RunningServer> } {
  const [program = '', ...rest] = [...under, process.execPath, bin, ...argv]
  const child = spawn(program, rest, {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      XDG_STATE_HOME: testStateFolder,
      MANDATE_DATA: dataFolder,
      MANDATE_PORT: '0',
      MANDATE_ADMIN_KEY: testAdminKey,
      MANDATE_LOG_LEVEL: 'error',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return { process: child, started: serverOf(child) }
}

async function serverOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<RunningServer> {
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const lines: string[] = []
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line)
      const found = /^listening on (\S+)$/u.exec(line)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once('close', (code) => reject(new ServerDidNotStart(code, errors)))
  })
  return {
    url,
    greeting: lines.join('\n'),
    process: child,
    said: () => errors,
    stop(signal = 'SIGTERM') {
      child.kill(signal)
      return exited
    },
    call: (method, path, body, headers = {}) =>
      fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${testAdminKey}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
  }
}

export class ServerDidNotStart extends Error {
  readonly exitCode: number | null
  readonly said: string
  constructor(exitCode: number | null, said: string) {
    super(`The server ended with ${exitCode} before it listened: ${said}`)
    this.exitCode = exitCode
    this.said = said
  }
}

/** What a server says that does not start, and its exit code. */
export async function refusalOfStart(...start: Parameters<typeof startServer>): Promise<ServerDidNotStart> {
  let server: RunningServer
  try {
    server = await startServer(...start)
  } catch (error) {
    if (error instanceof ServerDidNotStart) return error
    throw error
  }
  await server.stop('SIGKILL')
  throw new Error('The server started.')
}

/** A data folder that is gone after the test; call the answer's `remove` when no server uses it. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'mandate-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
