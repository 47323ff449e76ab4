import { createInterface } from 'node:readline'
import type { Fetch } from '../client/send-request.ts'
import { programNameOf } from './program-name.ts'
import { createTerminal, type Environment, type Terminal } from './terminal.ts'

/**
 * Reads one line that a person types, without its line break; undefined at the end of the input. Rejects with the signal's
 * reason when it is aborted.
 */
export type ReadLine = (signal: AbortSignal) => Promise<string | undefined>

/** All that the command line takes from the process it runs in; tests hand in their own. */
export interface CliEnvironment {
  readonly terminal: Terminal
  readonly env: Environment
  /** The program as the person called it. Commands in printed hints begin with it. */
  readonly program: string
  readonly fetch: Fetch
  readonly now: () => number
  /** Undefined where standard input is no terminal, so that nobody can be asked. */
  readonly readLine?: ReadLine | undefined
  readonly wait?: (ms: number, signal: AbortSignal | undefined) => Promise<void>
  /** Calls back at each Ctrl-C and SIGTERM until the answer is called; without a listener they end the process. */
  readonly onInterrupt: (listener: () => void) => () => void
  /** Calls back every `ms` until the answer is called. */
  readonly every: (ms: number, callback: () => void) => () => void
}

/** The environment of this process. It ends the process with 0 when the reader of standard output is gone (EPIPE). */
export function processEnvironment(): CliEnvironment {
  // Whoever reads our output may stop (`mandate task events 7 | head`): that is no error of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(0)
  })
  return {
    terminal: createTerminal(process.stdout, process.stderr, process.env),
    env: process.env,
    program: programNameOf({
      env: process.env,
      node: process.argv0,
      script: process.argv[1] ?? '',
      folder: process.cwd(),
    }),
    fetch,
    now: Date.now,
    readLine: process.stdin.isTTY ? readLine : undefined,
    onInterrupt(listener) {
      process.on('SIGINT', listener)
      process.on('SIGTERM', listener)
      return () => {
        process.off('SIGINT', listener)
        process.off('SIGTERM', listener)
      }
    },
    every(ms, callback) {
      const timer = setInterval(callback, ms)
      return () => clearInterval(timer)
    },
  }
}

/** The terminal itself edits the line and turns Ctrl-C into a signal, which ends a task as ever. */
function readLine(signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    if (process.stdin.readableEnded) return resolve(undefined)
    const lines = createInterface({ input: process.stdin, terminal: false })
    const abort = () => {
      reject(signal.reason) // before the close, which stands for the end of the input
      lines.close()
    }
    signal.addEventListener('abort', abort, { once: true })
    lines.once('line', (line) => {
      resolve(line)
      lines.close()
    })
    lines.once('close', () => {
      signal.removeEventListener('abort', abort)
      resolve(undefined) // Of a line that was read, or an abort, this changes nothing.
    })
  })
}
