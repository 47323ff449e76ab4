import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { serverCore } from '../cores.ts'

const startTimeoutMs = 60_000
const stopTimeoutMs = 15_000
const stopNoticeMs = 5_000
const linesKept = 40
const children = new Set<ChildProcess>()
/** Those that were told to end. */
const dismissed = new WeakSet<ChildProcess>()

// Whatever ends the benchmark, no server outlives it.
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

export interface SpawnedServer {
  readonly pid: number
  readonly port: number
  readonly spawnedAt: number
  stop(): Promise<void>
  kill(): Promise<void>
}

/** Starts a program pinned to the server core. taskset replaces itself by the program, so the pid is the program's. */
export function spawnPinned(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn('taskset', ['-c', String(serverCore), command, ...args], {
    env: { ...process.env, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

/** Starts a Node program that prints `listening on http://host:port`, and waits for that line. */
export async function spawnServer(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<SpawnedServer> {
  const spawnedAt = performance.now()
  const child = spawnPinned(process.execPath, args, env)
  const port = await portOf(child, args)
  if (child.pid === undefined) throw new Error(`${args.join(' ')} has no pid`)
  return {
    pid: child.pid,
    port,
    spawnedAt,
    stop: () => endProcess(child, 'SIGTERM'),
    kill: () => endProcess(child, 'SIGKILL'),
  }
}

/** Sends the signal and waits for the end; what does not end in time is killed. */
export async function endProcess(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  dismissed.add(child)
  const ended = once(child, 'exit')
  child.kill(signal)
  const from = performance.now()
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
  await ended
  clearTimeout(timer)
  const tookMs = performance.now() - from
  if (tookMs > stopNoticeMs) process.stderr.write(`process ${child.pid} took ${(tookMs / 1000).toFixed(1)} s to end\n`)
}

function portOf(child: ChildProcess, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const said: string[] = []
    const fail = (why: string) => {
      const text = `${args.join(' ')} ${why}; it said last:\n${said.join('\n')}`
      reject(new Error(text))
      process.stderr.write(`${text}\n`)
    }
    const timer = setTimeout(() => fail(`did not listen within ${startTimeoutMs / 1000} s`), startTimeoutMs)
    child.once('error', (error) => fail(`did not start (${error.message})`))
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      if (!dismissed.has(child)) fail(`ended by itself with ${code ?? signal}`)
    })
    const listen = (line: string) => {
      said.push(line)
      if (said.length > linesKept) said.shift()
      const port = /listening on http:\/\/\S+:(\d+)/u.exec(line)?.[1]
      if (port === undefined) return
      clearTimeout(timer)
      resolve(Number(port))
    }
    // Both are read to the end, so that a server never stands still because nobody takes what it says.
    if (child.stdout !== null) createInterface(child.stdout).on('line', listen)
    if (child.stderr !== null) createInterface(child.stderr).on('line', listen)
  })
}
