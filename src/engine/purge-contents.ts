import { setImmediate } from 'node:timers/promises'
import type { Digest } from '../domain/content.ts'
import type { EventFacts, NewEvent } from '../domain/event.ts'
import type { TaskSnapshot } from '../domain/evolve.ts'
import { Refusal } from '../domain/refusal.ts'
import { isTerminal } from '../domain/run-state.ts'
import { commitEvents } from '../journal/commit-events.ts'
import { recordEvents } from '../journal/record-events.ts'
import { latestRun, notHeld, runIs, type Write } from '../store/commit.ts'
import type { EngineDeps } from './engine-deps.ts'
import { changePurgedTasks, savePurgedTasks } from './purged-files.ts'

type Why = Pick<EventFacts['task.purged'], 'by' | 'reason'>

const pageSize = 200

/**
 * Removes all contents of a task whose latest run has ended, in one commit: texts, arguments, results, title, metadata. The
 * journal, its digests and the statements stay. The workspace's folder is removed before the commit (it is only a copy), the
 * bytes of files that no other task has within minutes after it (purged-files.ts). A task that was purged since its last run
 * is left as it is. Refuses `task_busy`, `task_held`. Answers undefined where the task was changed meanwhile.
 */
export async function purgeContents(
  deps: EngineDeps,
  snapshot: TaskSnapshot,
  { by, reason }: Why,
): Promise<TaskSnapshot | undefined> {
  const { task, run } = snapshot
  if (!isTerminal(run.state)) {
    const { state } = run
    throw new Refusal('task_busy', `The task is ${state}. Its contents can be purged when its run has ended.`, {
      state,
    })
  }
  if (task.hold !== null) throw held()
  if (task.purgedAt !== null) return snapshot
  const { contents, hasFiles } = await survey(deps, task.id)
  await deps.workspaces.remove(task.id)
  const at = deps.clock.now()
  const event: NewEvent = {
    kind: 'task.purged',
    run: null,
    attempt: null,
    at,
    facts: { by, reason, contents },
    contents: {},
  }
  const recorded = recordEvents(deps, snapshot, [event])
  const require = [notHeld(task.id), latestRun(task.id, run.id), runIs(run.id, [run.state])]
  const commit = (writes: readonly Write[]) => commitEvents(deps, [recorded], { require, writes })
  const outcome = await (hasFiles
    ? changePurgedTasks(deps.store, (purgedTasks) => commit([savePurgedTasks([...purgedTasks, { task: task.id, at }])]))
    : commit([]))
  if (!outcome.committed) {
    if (outcome.refused.name === 'notHeld') throw held()
    return undefined
  }
  return outcome.after[0]
}

function held(): Refusal {
  return new Refusal('task_held', 'A legal hold is on the task: its contents stay until an administrator lifts it.')
}

/** Counts the contents that the journal has named since it was last purged, and tells whether it ever named files. */
async function survey(
  { store }: Pick<EngineDeps, 'store'>,
  taskId: string,
): Promise<{ contents: number; hasFiles: boolean }> {
  const digests = new Set<Digest>()
  let hasFiles = false
  for (let after = 0; ; ) {
    const events = await store.readEvents(taskId, after, pageSize)
    for (const { kind, facts, contents } of events) {
      if (kind === 'task.purged') digests.clear()
      for (const digest of Object.values(contents)) digests.add(digest)
      hasFiles ||= 'manifest' in facts && facts.manifest !== undefined
    }
    const last = events.at(-1)
    if (last === undefined || events.length < pageSize) return { contents: digests.size, hasFiles }
    after = last.seq
    await setImmediate()
  }
}
