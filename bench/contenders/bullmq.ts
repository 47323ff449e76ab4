import { type ChildProcess, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Contender, RunningServer } from './contender.ts'
import { endProcess, spawnPinned, spawnServer } from './spawn-server.ts'

const program = fileURLToPath(import.meta.resolve('../servers/bullmq.ts'))

/** The usual durable queue: BullMQ behind Fastify, on a Redis of its own that syncs before it answers. */
export const bullmq: Contender = {
  name: 'bullmq',
  absent: reasonForAbsence(),
  async start(folder, extra = {}) {
    const key = 'bullmq-key'
    const { redis, socket } = await startRedis(folder)
    const env = { BENCH_KEY: key, BENCH_REDIS_SOCKET: socket, ...extra.env }
    const server = await spawnServer([...(extra.nodeArgs ?? []), program], env)
    const end = (how: 'stop' | 'kill') => async () => {
      await server[how]()
      await endProcess(redis, 'SIGKILL')
    }
    const pids = [server.pid, ...(redis.pid === undefined ? [] : [redis.pid])]
    return { ...server, name: 'bullmq', key, pids, stop: end('stop'), kill: end('kill') } satisfies RunningServer
  },
}

function reasonForAbsence(): string | undefined {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'redis-server is not installed (Debian: apt-get install redis-server)'
  }
}

async function startRedis(folder: string): Promise<{ redis: ChildProcess; socket: string }> {
  const data = join(folder, 'redis')
  mkdirSync(data, { recursive: true })
  const socket = join(data, 'socket')
  const flags = ['--port', '0', '--unixsocket', socket, '--dir', data, '--daemonize', 'no', '--save', '']
  const redis = spawnPinned('redis-server', [...flags, '--appendonly', 'yes', '--appendfsync', 'always'])
  const said = once(redis, 'exit').then(() => {
    throw new Error('redis-server ended at its start')
  })
  redis.stdout?.resume()
  redis.stderr?.resume()
  await Promise.race([accepts(socket), said])
  // From here on its end is ours to cause.
  said.catch(() => {})
  return { redis, socket }
}

async function accepts(socket: string): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    const connection = createConnection(socket)
    const open = await new Promise<boolean>((resolve) => {
      connection.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    connection.destroy()
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('redis-server did not open its socket within 5 s')
}
