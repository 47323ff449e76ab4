import type { Task } from '../../../../domain/task.ts'
import type { ServerDeps } from '../../../../engine/server-deps.ts'
import type { Step } from '../contract/step.ts'
import { emptyTrace, foldStep, type StepRecord, type Told, type Trace } from './fold-steps.ts'
import { contentsOfStep, presentStep, whole } from './present-step.ts'

/** All steps of a task so far, in the order in which they began. */
export async function readSteps(deps: ServerDeps, { id, lastSeq }: Task): Promise<Step[]> {
  const steps = new Map<string, StepRecord>()
  await traceUpTo(deps, id, lastSeq, (told) => {
    if ('step' in told) steps.set(told.step.id, told.step)
  })
  const records = [...steps.values()].sort((a, b) => a.startedAt - b.startedAt)
  const contents = await deps.store.readContents(records.flatMap(contentsOfStep))
  return records.map((record) => presentStep(record, contents, whole))
}

/** The fold of a journal up to and with `seq`. Reads events, no contents. */
export async function traceUpTo(
  { store, limits }: ServerDeps,
  taskId: string,
  seq: number,
  tell: (told: Told) => void = () => undefined,
): Promise<Trace> {
  const trace = emptyTrace()
  for (let after = 0; after < seq; ) {
    const events = await store.readEvents(taskId, after, Math.min(limits.page_size_max, seq - after))
    const last = events.at(-1)
    if (last === undefined) break
    for (const event of events) for (const told of foldStep(trace, event)) tell(told)
    after = last.seq
  }
  return trace
}
