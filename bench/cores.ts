import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Each server, with everything it needs (Redis too), shares this one core; the load generator has the other. */
export const serverCore = 0
const loadCore = 1

/** Moves this process, all its threads, to the load generator's core. Throws where that cannot be done. */
export function pinLoadGenerator(): void {
  if (process.platform !== 'linux') throw new Error('The benchmark needs Linux: it reads /proc and pins with taskset.')
  if (availableParallelism() < 2)
    throw new Error('The benchmark needs two cores: one for the server, one for the load.')
  execFileSync('taskset', ['-a', '-c', '-p', String(loadCore), String(process.pid)], { stdio: 'ignore' })
}
