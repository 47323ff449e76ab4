import { setTimeout } from 'node:timers/promises'

/** A request to end this process, made by a signal or by `stop`. */
export interface StopRequest {
  /** Resolves at the first SIGTERM or SIGINT, or when somebody calls `stop`. */
  readonly asked: Promise<void>
  stop(): void
}

/** Listens for signals. A second one ends the process at once, which loses nothing: the next start takes up what ran. */
export function listenForStop(): StopRequest {
  let signalled = false
  const { promise: asked, resolve: stop } = Promise.withResolvers<void>()
  const onSignal = () => {
    if (signalled) process.exit(130)
    signalled = true
    stop()
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  return { asked, stop }
}

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
