import type { WorkerPool, Workers } from '../../src/worker-pool/worker-pool.ts'

/** Runs jobs where they are asked for, without threads and without limits: for tests of what the jobs do. */
export function createInlineWorkerPool(): WorkerPool {
  return {
    async run({ module, name }, args) {
      return await (await import(/* @vite-ignore */ module))[name](...structuredClone(args))
    },
    close: async () => undefined,
  }
}

export function createInlineWorkers(): Workers {
  return { runs: createInlineWorkerPool(), requests: createInlineWorkerPool() }
}
