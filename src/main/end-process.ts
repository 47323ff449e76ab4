import { setTimeout } from 'node:timers/promises'

/** How long a reader of our output may take to let it through before the process ends all the same. */
const flushMsMax = 250

/** Ends the process with this code, whatever is still open: a thread, a socket, a timer. What was written goes out first. */
export async function endProcess(exitCode: number): Promise<never> {
  const flushed = Promise.all([process.stdout, process.stderr].map(flush))
  await Promise.race([flushed, setTimeout(flushMsMax)])
  process.exit(exitCode)
}

function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (!stream.writable) return resolve()
    stream.once('error', () => resolve()) // nobody reads it any more
    stream.write('', () => resolve())
  })
}
