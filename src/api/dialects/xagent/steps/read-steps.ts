import type { Task } from '../../../../domain/task.ts'
import type { ServerDeps } from '../../../../engine/server-deps.ts'
import type { Step } from '../contract/step.ts'
import { type ClientEvent, emptyTrace, foldStep, type StepRecord, type Trace } from './fold-steps.ts'
import { contentsOfStep, presentStep, whole } from './present-step.ts'

/** Reads all steps of a task so far, in the order in which they began. */
export async function readSteps(deps: ServerDeps, { id, lastSeq }: Task): Promise<Step[]> {
  const steps = new Map<string, StepRecord>()
  await traceUpTo(deps, id, lastSeq, (clientEvent) => {
    if ('step' in clientEvent) steps.set(clientEvent.step.id, clientEvent.step)
  })
  const records = [...steps.values()].sort((a, b) => a.startedAt - b.startedAt)
  const contents = await deps.store.readContents(records.flatMap(contentsOfStep))
  return records.map((record) => presentStep(record, contents, whole))
}

/** Folds a journal up to and with `seq`. It reads events and no contents. */
export async function traceUpTo(
  { store, limits }: ServerDeps,
  taskId: string,
  seq: number,
  notify: (clientEvent: ClientEvent) => void = () => undefined,
): Promise<Trace> {
  const trace = emptyTrace()
  for (let after = 0; after < seq; ) {
    const events = await store.readEvents(taskId, after, Math.min(limits.page_size_max, seq - after))
    const last = events.at(-1)
    if (last === undefined) break
    for (const event of events) for (const clientEvent of foldStep(trace, event)) notify(clientEvent)
    after = last.seq
  }
  return trace
}
