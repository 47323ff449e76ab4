import { isMarkedAsUntransferable, parentPort, type Transferable } from 'node:worker_threads'
import type { JobMessage, WorkerMessage } from './messages.ts'

const say = (message: WorkerMessage, handedOver: readonly Transferable[] = []) =>
  parentPort?.postMessage(message, handedOver)

parentPort?.on('message', async ({ module, name, args }: JobMessage) => {
  try {
    const work: unknown = (await import(module))[name]
    if (typeof work !== 'function') throw new Error(`${module} has no function ${name}.`)
    say({ kind: 'begun' })
    const result: unknown = await work(...args)
    say({ kind: 'done', result }, buffersOf(result))
  } catch (error) {
    say({ kind: 'failed', error })
  }
})

/**
 * The memory of the bytes that a result is, or has as a member: it is handed over, since copying many megabytes would hold up
 * the thread that receives them. Memory that also holds other values is copied.
 */
function buffersOf(result: unknown): readonly ArrayBuffer[] {
  const values = result instanceof Uint8Array || typeof result !== 'object' ? [result] : Object.values(result ?? {})
  const buffers = values.flatMap((value) =>
    value instanceof Uint8Array && value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength
      ? [value.buffer]
      : [],
  )
  return [...new Set(buffers)].filter((buffer) => !isMarkedAsUntransferable(buffer))
}
