import type { EngineDeps } from '../engine-deps.ts'

/** Reads the labels of everything that a task has read, from its journal, sorted. */
export async function readLabels(deps: Pick<EngineDeps, 'limits' | 'store'>, taskId: string): Promise<string[]> {
  const labels = new Set<string>()
  const limit = deps.limits.page_size_max
  for (let after = 0; ; ) {
    const events = await deps.store.readEvents(taskId, after, limit)
    for (const event of events) {
      const gained = 'labels' in event.facts ? (event.facts.labels ?? []) : []
      for (const label of gained) labels.add(label)
    }
    const last = events.at(-1)
    if (last === undefined || events.length < limit) return [...labels].sort()
    after = last.seq
  }
}
