/**
 * A function that workers can call: an export of a module. What it is given and what it answers with are copied between
 * the threads, so that both must be data. Bytes that it answers with, or that are a member of its answer, are handed over without a copy, and the
 * worker must not use them any more. The module is loaded by the worker and not by whoever names the job.
 */
export interface WorkerJob<Args extends readonly unknown[], Result> {
  /** The URL of the module. */
  readonly module: string
  readonly name: string
  /** Only for the compiler, which else would not know what the job takes and answers. */
  readonly call?: (...args: Args) => Result
}

/** Names the export of a module as a job: `workerJob<typeof scanText>(new URL('./scan-text.ts', import.meta.url), 'scanText')`. */
export function workerJob<Work extends (...args: never[]) => unknown>(
  module: URL,
  name: string,
): WorkerJob<Parameters<Work>, Awaited<ReturnType<Work>>> {
  return { module: module.href, name }
}

/** The limit on a job's time, and the user that it counts for. */
export interface JobOptions {
  /** How long the job may take once a worker has begun it. Undefined: the limit of the pool. */
  readonly timeout?: JobTimeout | undefined
  /**
   * The user whose job it is. A user may have at most `worker_jobs_per_user_max` jobs at once. Undefined for a job of
   * the server itself.
   */
  readonly user?: string | undefined
}

/** A time, and the name of the limit that it is. */
export interface JobTimeout {
  readonly ms: number
  readonly limit: 'worker_timeout_ms' | 'export_timeout_ms'
}

/** The pools of a server: who asks much of the one does not hold up the other. */
export interface Workers {
  /** For the guard: decisions on actions, and results of tools. */
  readonly runs: WorkerPool
  /** For requests: policies that are tried out, and exports. */
  readonly requests: WorkerPool
}

/** Threads for work whose length a stranger decides, so that the event loop never waits for it. */
export interface WorkerPool {
  /**
   * Resolves with what the job answers, rejects with what it throws. Refuses `limit_exceeded` where the job passes its time
   * (`worker_timeout_ms`, `export_timeout_ms`) or its memory (`worker_memory_mb`): its thread is ended then, whatever it was
   * doing, and other jobs get another one. Refuses `limit_exceeded` (`worker_jobs_per_user_max`) and `overloaded`
   * (`worker_jobs_waiting_max`) before it begins, and `shutting_down` once the pool is closed.
   */
  run<Args extends readonly unknown[], Result>(
    job: WorkerJob<Args, Result>,
    args: Readonly<Args>,
    options?: JobOptions,
  ): Promise<Result>
  /** Ends all threads at once; what they work on and what waits is refused `shutting_down`. */
  close(): Promise<void>
}
