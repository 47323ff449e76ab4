import type { Clock } from '../clock/clock.ts'
import type { Limits } from '../domain/limits.ts'
import { createWorkerPool } from '../worker-pool/create-worker-pool.ts'
import type { WorkerPool, Workers } from '../worker-pool/worker-pool.ts'

/** The pools of this server. No thread is started before there is a job for it. */
export function openWorkers(limits: Limits, clock: Clock): Workers {
  const open = (name: string, waitingMax: number): WorkerPool =>
    createWorkerPool({
      name,
      clock,
      waitingMax,
      threadsMax: limits.worker_threads_max,
      perUserMax: limits.worker_jobs_per_user_max,
      timeoutMs: limits.worker_timeout_ms,
      memoryMb: limits.worker_memory_mb,
    })
  return {
    // A run waits for one job at a time, so that `runs_running_max` bounds what waits here.
    runs: open('runs-worker', Number.POSITIVE_INFINITY),
    requests: open('requests-worker', limits.worker_jobs_waiting_max),
  }
}
