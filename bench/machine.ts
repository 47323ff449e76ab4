import { execFileSync } from 'node:child_process'
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { percentile } from './statistics.ts'

export interface Machine {
  readonly lines: readonly string[]
  /** Median time of appending 4 KiB to a file and syncing it, in the folder where the servers keep their data. */
  readonly fsyncMs: number
}

const fileSystems: Record<number, string> = {
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  16914836: 'tmpfs',
  2035054128: 'overlay',
  801189825: 'zfs',
}

/** What the numbers stand on: to be printed above the table. */
export function describeMachine(folder: string, syncs: number): Machine {
  const times = timeSyncs(folder, syncs)
  const fsyncMs = percentile(times, 0.5)
  const cores = cpus()
  const magic = statfsSync(folder).type
  const fileSystem = fileSystems[magic] ?? `0x${magic.toString(16)}`
  const lines = [
    `${cores[0]?.model.trim() ?? 'unknown CPU'}, ${cores.length} cores, ${(totalmem() / 2 ** 30).toFixed(1)} GiB; Linux ${release()}`,
    `Node ${process.version}; ${redisVersion()}`,
    `data on ${fileSystem}: appending 4 KiB and fsync takes ${fsyncMs.toFixed(2)} ms (p50), ${percentile(times, 0.99).toFixed(2)} ms (p99), ${syncs} times`,
  ]
  if (fileSystem === 'tmpfs') lines.push('WARNING: syncing to memory costs nothing; give a real disk with --folder.')
  return { lines, fsyncMs }
}

function timeSyncs(folder: string, count: number): number[] {
  const path = join(folder, 'fsync-probe')
  const file = openSync(path, 'a')
  const block = Buffer.alloc(4096, 1)
  const times: number[] = []
  try {
    for (let i = 0; i < count; i += 1) {
      const from = performance.now()
      writeSync(file, block)
      fsyncSync(file)
      times.push(performance.now() - from)
    }
  } finally {
    closeSync(file)
    rmSync(path)
  }
  return times
}

function redisVersion(): string {
  try {
    const version = /v=([\d.]+)/u.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1]
    return `Redis ${version ?? 'of unknown version'}, appendfsync always`
  } catch {
    return 'no redis-server found: BullMQ is left out'
  }
}
