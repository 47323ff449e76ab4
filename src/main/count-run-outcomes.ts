import type { DispatcherSignals } from '../engine/services/run-dispatcher.ts'

/** Counts how the attempts of this process ended, for /metrics: a run's end, or what became of an attempt without one. */
export function countRunOutcomes(): {
  readonly signals: DispatcherSignals
  readonly outcomes: ReadonlyMap<string, number>
} {
  const outcomes = new Map<string, number>()
  return {
    outcomes,
    signals: {
      attemptEnded(_runId, end) {
        // An attempt that is superseded was cut by a cancel, the only other writer that may end a run under way.
        const outcome = end.kind === 'ended' ? end.state : end.kind === 'superseded' ? 'cancelled' : end.kind
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      },
    },
  }
}
