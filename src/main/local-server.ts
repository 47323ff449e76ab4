import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { LocalServer } from '../cli/offline-commands.ts'
import { localKeyPath } from '../data-folder/key-files.ts'
import { takeHold } from './holds.ts'
import { readConfig } from './read-config.ts'
import { type FoundServer, findServerAt, readServerRecord } from './server-record.ts'

const bin = fileURLToPath(new URL('../../bin/mandate.mjs', import.meta.url))
const errorCharsMax = 4_000

/** A server that was started as a child process and did not come to listen. `exitCode` is the one of `mandate serve`. */
class StartFailed extends Error {
  readonly exitCode: number | null
  constructor(exitCode: number | null, said: string) {
    super(said.trim() || 'The server ended before it listened.')
    this.name = 'StartFailed'
    this.exitCode = exitCode
  }
}

/**
 * Takes hold of the server of this machine that listens at `url`; without one, of the server of this data folder. `ending`:
 * there is one that nobody can take hold of any more. Undefined where none is known.
 */
export async function joinServer(url: string | undefined): Promise<LocalServer | 'ending' | undefined> {
  const { dataFolder } = readConfig(process.env)
  const found = url === undefined ? readServerRecord(dataFolder) : findServerAt(url, [dataFolder])
  return found === undefined ? undefined : await join(found)
}

/** Starts a server that ends when nobody holds it any more. Throws StartFailed. */
export async function startServer(): Promise<LocalServer> {
  const child = spawn(process.execPath, [bin, 'serve', '--temporary'], {
    env: { ...process.env, MANDATE_LOG_LEVEL: process.env['MANDATE_LOG_LEVEL'] ?? 'error' },
    // It ends with its standard input until it is held otherwise: also where this process is killed meanwhile.
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true, // Ctrl-C in the terminal is for the command, which lets go of the server itself
  })
  const greeting = await untilItListens(child)
  const found = readServerRecord(readConfig(process.env).dataFolder)
  const joined = found === undefined ? undefined : await join(found)
  if (joined === undefined || joined === 'ending') throw new StartFailed(null, 'The server ended at once.')
  child.stdin.end()
  // From here on the server may outlive this process.
  for (const handle of [child, child.stdout, child.stderr] as { unref?(): void }[]) handle.unref?.()
  const note = greeting.find((line) => line.endsWith('taken up again.'))
  return { ...joined, note }
}

async function join({ url, holds, dataFolder }: FoundServer): Promise<LocalServer | 'ending'> {
  const adminKey = readLocalKey(dataFolder)
  if (holds === undefined) return { url, adminKey, temporary: false, letGo: async () => undefined }
  const hold = await takeHold(holds)
  return hold === undefined ? 'ending' : { url, adminKey, temporary: true, letGo: hold.letGo }
}

/** Answers with what it said. Its errors go to nobody unless it fails to start; then they are the error. */
async function untilItListens(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<string[]> {
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-errorCharsMax)
  })
  child.stdin.on('error', () => undefined) // it has ended
  const lines: string[] = []
  return await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line)
      if (line.startsWith('listening on ')) resolve(lines)
    })
    child.once('error', reject)
    child.once('close', (code) => reject(new StartFailed(code, said)))
  })
}

/**
 * The administrator's key: of the server of this machine that listens at `url`, else of this data folder. Undefined where
 * there is none that this user may read.
 */
export function findLocalKey(url: string): string | undefined {
  const { dataFolder } = readConfig(process.env)
  return readLocalKey(findServerAt(url, [dataFolder])?.dataFolder ?? dataFolder)
}

function readLocalKey(dataFolder: string): string | undefined {
  if (process.env['MANDATE_ADMIN_KEY']) return process.env['MANDATE_ADMIN_KEY']
  const file = localKeyPath(dataFolder)
  try {
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
  } catch {
    return undefined // not readable by this user: the key must be given then
  }
}
