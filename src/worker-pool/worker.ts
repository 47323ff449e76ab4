import { parentPort } from 'node:worker_threads'
import type { JobMessage, WorkerMessage } from './messages.ts'

const say = (message: WorkerMessage) => parentPort?.postMessage(message)

parentPort?.on('message', async ({ module, name, args }: JobMessage) => {
  try {
    const work: unknown = (await import(module))[name]
    if (typeof work !== 'function') throw new Error(`${module} has no function ${name}.`)
    say({ kind: 'begun' })
    say({ kind: 'done', result: await work(...args) })
  } catch (error) {
    say({ kind: 'failed', error })
  }
})
