import type { PlatformFaults } from '../runner/runner-deps.ts'

/** The faults that runs wait for now, each once. */
export interface ReportedFaults extends PlatformFaults {
  current(): string[]
}

interface FaultLog {
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
}

/**
 * Logs a fault when the first run waits for it, and its end when no run does any more. A fault that many runs report is one
 * line.
 */
export function createPlatformFaults(log: FaultLog): ReportedFaults {
  const waiting = new Map<string, number>()
  return {
    report(problem) {
      const before = waiting.get(problem) ?? 0
      waiting.set(problem, before + 1)
      if (before === 0) log.warn({ problem }, 'runs wait for the platform')
      let isReported = true
      return () => {
        if (!isReported) return
        isReported = false
        const left = (waiting.get(problem) ?? 1) - 1
        if (left > 0) waiting.set(problem, left)
        else {
          waiting.delete(problem)
          log.info({ problem }, 'the platform works again, and no run waits for it')
        }
      }
    },
    current: () => [...waiting.keys()],
  }
}
