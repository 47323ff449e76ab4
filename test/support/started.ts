import type { Service } from '../../src/engine/services/poll-loop.ts'

/** Starts a service, and answers the function that stops it. */
export function started(service: Service): (graceMs?: number) => Promise<void> {
  void service.start()
  return (graceMs = 0) => service.stop(graceMs)
}
