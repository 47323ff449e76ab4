import { setImmediate } from 'node:timers/promises'
import type { JournalEvent } from '../../domain/event.ts'
import { evolveAll, startTask, type TaskSnapshot } from '../../domain/evolve.ts'
import type { EngineDeps } from '../engine-deps.ts'

const pageSize = 200

/**
 * The task as it was right after an event of its journal: what was answered then can be answered again. What its user gave it
 * is as it stands now, so that nothing that was purged comes back. Costs what the journal holds up to that event, and lets
 * others have their turn between two pages.
 */
export async function readTaskAt(
  { store }: Pick<EngineDeps, 'store'>,
  { task: now }: TaskSnapshot,
  seq: number,
): Promise<TaskSnapshot> {
  let folded: TaskSnapshot | undefined
  for (let after = 0; after < seq; ) {
    const page: JournalEvent[] = await store.readEvents(now.id, after, Math.min(pageSize, seq - after))
    const last = page.at(-1)
    if (last === undefined) break
    folded = folded === undefined ? startTask(now.id, page, now) : evolveAll(folded, page)
    after = last.seq
    await setImmediate()
  }
  if (folded === undefined) throw new Error(`The journal of task ${now.id} ends before event ${seq}.`)
  const { task, run } = folded
  const stored = await store.readRun(run.id)
  const { title, metadata, extension } = now
  return {
    task: { ...task, number: now.number, title, metadata, extension },
    run: { ...run, config: { ...run.config, extension: stored?.config.extension ?? {} } },
  }
}
