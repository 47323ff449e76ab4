/** That this process was asked to end. */
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
