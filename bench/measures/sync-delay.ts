import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningServer } from '../contenders/contender.ts'
import { closedLoop, withConnections } from '../load/clients.ts'
import { mustHaveSucceeded, submitBytes } from '../load/requests.ts'
import type { LoopDelays } from '../servers/loop-delay-probe.ts'
import { percentile } from '../statistics.ts'
import { warmUp } from '../warm-up.ts'
import type { Measure, Round } from './measure.ts'

const syncDelayMs = 5
const probe = import.meta.resolve('../servers/loop-delay-probe.ts')

/** A slow disk must not be felt on the event loop: every sync of the writer thread blocks it 5 ms longer. */
export const syncDelay: Measure = {
  name: 'sync-delay',
  contenders: ['mandate'],
  roundsMax: 3,
  metrics: [
    { key: 'delay.none.p99', label: 'Event-loop delay, 64 clients: p99', unit: 'ms', digits: 2 },
    { key: 'delay.none.rate', label: 'the same: tasks completed', unit: '/s', digits: 0 },
    {
      key: 'delay.p99',
      label: `Event-loop delay, 64 clients, syncs ${syncDelayMs} ms slower: p99`,
      unit: 'ms',
      digits: 2,
    },
    { key: 'delay.max', label: 'the same: longest', unit: 'ms', digits: 2 },
    { key: 'delay.rate', label: 'the same: tasks completed', unit: '/s', digits: 0 },
  ],
  async run(round) {
    const asIs = await watch(round, 0)
    const slow = await watch(round, syncDelayMs)
    if (slow.fastestMs < syncDelayMs) {
      throw new Error(`a task took ${slow.fastestMs} ms: the syncs were not slowed down`)
    }
    return {
      'delay.none.p99': asIs.delays.p99,
      'delay.none.rate': asIs.rate,
      'delay.p99': slow.delays.p99,
      'delay.max': slow.delays.max,
      'delay.rate': slow.rate,
    }
  },
}

/** A server of its own under load, its syncs slowed down by so much. */
async function watch({ contender, folder, quick }: Round, syncMs: number) {
  const own = join(folder, String(syncMs))
  mkdirSync(own)
  const file = join(own, 'delays')
  const env = { MANDATE_BENCH_SYNC_DELAY_MS: String(syncMs), BENCH_DELAY_FILE: file }
  const server = await contender.start(own, { nodeArgs: ['--import', probe], env })
  try {
    await warmUp(server, quick ? 100 : 2000)
    await delaysSinceLast(server, file)
    const loaded = await load(server, quick ? 500 : 5000)
    return { ...loaded, delays: await delaysSinceLast(server, file) }
  } finally {
    await server.stop()
  }
}

async function load(server: RunningServer, ms: number): Promise<{ rate: number; fastestMs: number }> {
  const bytes = submitBytes(server, { input: 'say hello' }, 'Prefer: wait=30')
  const taken: number[] = []
  const until = performance.now() + ms
  const { elapsedMs } = await withConnections(server, 64, (connections) =>
    closedLoop(
      connections,
      () => performance.now() < until,
      async (connection) => {
        const from = performance.now()
        mustHaveSucceeded(await connection.request(bytes))
        taken.push(performance.now() - from)
      },
    ),
  )
  return { rate: (taken.length * 1000) / elapsedMs, fastestMs: percentile(taken, 0) }
}

async function delaysSinceLast(server: RunningServer, file: string): Promise<LoopDelays> {
  rmSync(file, { force: true })
  for (const pid of server.pids) process.kill(pid, 'SIGUSR2')
  for (let tries = 0; tries < 200; tries += 1) {
    await sleep(20)
    if (!existsSync(file)) continue
    const text = readFileSync(file, 'utf8')
    if (text !== '') return JSON.parse(text) as LoopDelays
  }
  throw new Error('the server did not tell its event-loop delays')
}
