import { readableText } from '../../domain/content.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { Run } from '../../domain/task.ts'
import { type AccessedTask, readTaskFor } from '../../engine/access/read-task.ts'
import type { SubmitTask } from '../../engine/commands/submit-task.ts'
import type { ServerDeps } from '../../engine/server-deps.ts'
import type { TaskSummary, TaskView } from './contract/task.ts'
import { type TaskTexts, taskSummary, taskView } from './present-task.ts'

/** Reads a task with the texts of its latest run. Refuses `task_not_found` where the caller may not see it. */
export async function readTaskView(deps: ServerDeps, principal: Principal, id: string): Promise<TaskView> {
  return viewOf(deps, await readTaskFor(deps, principal, id))
}

/** Reads the texts of a task. A caller that has just written the input passes it, which saves reading it. */
export async function viewOf(deps: ServerDeps, snapshot: AccessedTask, input?: SubmitTask['input']): Promise<TaskView> {
  return taskView(snapshot, await earlierRuns(deps, snapshot), await textsOf(deps, snapshot.run, input))
}

async function textsOf({ store }: ServerDeps, run: Run, written: SubmitTask['input'] | undefined): Promise<TaskTexts> {
  if (written !== undefined && run.result === null) {
    const input = 'text' in written ? { input: written.text, input_sealed: false } : { input: null, input_sealed: true }
    return { ...input, result: null, result_sealed: false }
  }
  const contents = await store.readContents(run.result === null ? [run.input] : [run.input, run.result])
  const input = contents.get(run.input)
  const result = contents.get(run.result ?? '')
  return {
    input: readableText(input) ?? null,
    input_sealed: input?.sealed ?? false,
    result: readableText(result) ?? null,
    result_sealed: result?.sealed ?? false,
  }
}

/** Reads a task as lists show it, with its title. */
export async function summaryOf(deps: ServerDeps, snapshot: AccessedTask): Promise<TaskSummary> {
  return taskSummary(snapshot, await earlierRuns(deps, snapshot))
}

async function earlierRuns(deps: ServerDeps, { task, run }: TaskSnapshot): Promise<readonly Run[]> {
  if (run.turn === 1) return []
  return (await deps.store.listRuns(task.id)).filter(({ turn }) => turn < run.turn)
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u

/**
 * Reads the id of a task that a path names by its id or by its number. A text that names none is refused like a task
 * that does not exist.
 */
export async function taskIdOf(deps: ServerDeps, name: string): Promise<string> {
  if (uuid.test(name)) return name
  const found = /^[1-9]\d{0,14}$/u.test(name) ? await deps.store.readTaskByNumber(Number(name)) : undefined
  if (found === undefined) throw new Refusal('task_not_found', 'There is no such task.')
  return found.id
}
