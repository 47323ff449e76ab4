import { Worker } from 'node:worker_threads'
import { Refusal } from '../domain/refusal.ts'
import type { JobMessage, WorkerMessage } from './messages.ts'
import type { JobOptions, JobTimeout, WorkerPool } from './worker-pool.ts'

/** The name, the clock and the limits of a pool. */
export interface WorkerPoolOptions {
  /** Shown for its threads in a debugger. */
  readonly name: string
  readonly clock: { after(ms: number, callback: () => void): () => void }
  readonly threadsMax: number
  /** The limit `worker_jobs_waiting_max`. */
  readonly waitingMax: number
  /** The limit `worker_jobs_per_user_max`. */
  readonly perUserMax: number
  /** The limit `worker_timeout_ms`. */
  readonly timeoutMs: number
  /** The limit `worker_memory_mb`. */
  readonly memoryMb: number
}

interface Job {
  readonly message: JobMessage
  readonly timeout: JobTimeout
  resolve(result: never): void
  reject(error: unknown): void
}

/** A thread that has nothing to do is kept for a while: starting one costs as much as most jobs. */
const idleMs = 60_000
/** Loading its own modules is not the work of a job, and yet must end. */
const loadMsMax = 60_000
const retryAfterMs = 1_000

/** Threads are started when there is something for them, at most `threadsMax`; jobs wait in the order in which they came. */
export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const { threadsMax, waitingMax, perUserMax, timeoutMs } = options
  const waiting: Job[] = []
  const idle = new Set<Thread>()
  const threads = new Set<Thread>()
  const jobsOfUsers = new Map<string, number>()
  let closed = false

  const start = (): Thread => {
    const thread = openThread(options, {
      idle(own) {
        idle.add(own)
        next()
      },
      ending: (own) => void idle.delete(own),
      ended(own) {
        threads.delete(own)
        next()
      },
    })
    threads.add(thread)
    return thread
  }
  const next = () => {
    while (waiting.length > 0 && !closed) {
      const [free] = idle
      if (free === undefined && threads.size >= threadsMax) return
      const thread = free ?? start()
      const job = waiting.shift()
      idle.delete(thread)
      if (job !== undefined) thread.take(job)
    }
  }
  const admit = ({ user }: JobOptions) => {
    if (closed) throw shuttingDown()
    if (user !== undefined && (jobsOfUsers.get(user) ?? 0) >= perUserMax) {
      const message = `You have ${perUserMax} requests of this kind under way (worker_jobs_per_user_max).`
      throw new Refusal('limit_exceeded', message, { limit: 'worker_jobs_per_user_max', retryAfterMs })
    }
    if (waiting.length >= waitingMax) {
      const message = `${waitingMax} requests of this kind are waiting already (worker_jobs_waiting_max).`
      throw new Refusal('overloaded', message, { limit: 'worker_jobs_waiting_max', retryAfterMs })
    }
  }

  return {
    async run({ module, name }, args, own = {}) {
      admit(own)
      const leave = enter(jobsOfUsers, own.user)
      try {
        return await new Promise((resolve, reject) => {
          const timeout = own.timeout ?? { ms: timeoutMs, limit: 'worker_timeout_ms' }
          waiting.push({ message: { module, name, args }, timeout, resolve, reject })
          next()
        })
      } finally {
        leave()
      }
    },
    async close() {
      closed = true
      for (const job of waiting.splice(0)) job.reject(shuttingDown())
      await Promise.all([...threads].map((thread) => thread.end(shuttingDown())))
    },
  }
}

interface Thread {
  /** Only of one that is idle. */
  take(job: Job): void
  /** Ends the thread whatever it does; its job is rejected with the error. */
  end(error: Error): Promise<void>
}

function openThread(
  { name, clock, memoryMb }: WorkerPoolOptions,
  listeners: Readonly<Record<'idle' | 'ending' | 'ended', (thread: Thread) => void>>,
): Thread {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    name,
    // Nothing of the server is handed to what reads strangers' texts.
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  })
  let job: Job | undefined
  let cancelTimer = () => {}
  const after = (ms: number, callback: () => void) => {
    cancelTimer()
    cancelTimer = clock.after(ms, callback)
  }
  const settle = (how: (job: Job) => void) => {
    cancelTimer()
    const settled = job
    job = undefined
    if (settled !== undefined) how(settled)
  }
  const end = async (error: unknown) => {
    listeners.ending(thread)
    settle(({ reject }) => reject(error))
    await worker.terminate()
  }
  const thread: Thread = {
    take(given) {
      job = given
      worker.ref()
      after(loadMsMax, () => void end(new Error(`A worker did not load ${given.message.module}.`)))
      worker.postMessage(given.message)
    },
    end,
  }
  worker.on('message', (message: WorkerMessage) => {
    if (job === undefined) return // it was ended in this very moment
    if (message.kind === 'begun') {
      const { ms, limit } = job.timeout
      after(ms, () => void end(tookTooLong(ms, limit)))
      return
    }
    settle(({ resolve, reject }) => {
      if (message.kind === 'done')
        resolve(message.result as never) // what the job's own type says
      else reject(message.error)
    })
    worker.unref()
    after(idleMs, () => void end(shuttingDown()))
    listeners.idle(thread)
  })
  worker.on('messageerror', (error) => void end(error))
  worker.on('error', (error) => void end(isOutOfMemory(error) ? tookTooMuch(memoryMb) : error))
  worker.once('exit', (code) => {
    settle(({ reject }) => reject(new Error(`A worker ended by itself with ${code}.`)))
    listeners.ended(thread)
  })
  return thread
}

function enter(counts: Map<string, number>, user: string | undefined): () => void {
  if (user === undefined) return () => undefined
  counts.set(user, (counts.get(user) ?? 0) + 1)
  return () => {
    const left = (counts.get(user) ?? 1) - 1
    if (left > 0) counts.set(user, left)
    else counts.delete(user)
  }
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
}

function tookTooLong(ms: number, limit: JobTimeout['limit']): Refusal {
  return new Refusal('limit_exceeded', `It took longer than ${ms} ms (${limit}), and was ended.`, { limit })
}

function tookTooMuch(memoryMb: number): Refusal {
  const message = `It took more memory than ${memoryMb} MiB (worker_memory_mb), and was ended.`
  return new Refusal('limit_exceeded', message, { limit: 'worker_memory_mb' })
}

function shuttingDown(): Refusal {
  return new Refusal('shutting_down', 'The server is stopping.', { retryAfterMs })
}
