import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import { addMessage } from '../commands/add-message.ts'
import { cancelRun } from '../commands/cancel-run.ts'
import { purgeTask } from '../commands/purge-task.ts'
import { resumeRun } from '../commands/resume-run.ts'
import { stopRun } from '../commands/stop-run.ts'
import { readTaskAt } from './read-task-at.ts'

let world: EngineWorld
afterEach(() => world.close())

const now = async (id: string): Promise<TaskSnapshot> => {
  const snapshot = await world.store.readSnapshot(id)
  if (snapshot === undefined) throw new Error('The task is not there.')
  return snapshot
}

test('a task is read again as it was after each of its changes, over as many pages as its journal has', async () => {
  world = await createEngineWorld()
  const { deps, owner } = world
  const { task } = await world.submit({ title: 'A title', metadata: { a: 1 }, runExtension: { of: 'the first run' } })
  const after: TaskSnapshot[] = [await now(task.id)]
  const change = async (made: Promise<TaskSnapshot>) => {
    await made
    after.push(await now(task.id))
  }
  for (let turn = 0; turn < 120; turn += 1) {
    await change(stopRun(deps, owner, task.id))
    await change(resumeRun(deps, owner, task.id))
  }
  await change(cancelRun(deps, owner, task.id))
  const runExtension = { of: 'the second run' }
  await change(addMessage(deps, owner, task.id, { input: { text: 'more' }, runExtension }))
  const latest = await now(task.id)
  expect(latest.task.lastSeq).toBeGreaterThan(200)
  for (const snapshot of after) expect(await readTaskAt(deps, latest, snapshot.task.lastSeq)).toEqual(snapshot)
})

test('what was purged does not come back with what was before', async () => {
  world = await createEngineWorld()
  const { deps, owner } = world
  const { task } = await world.submit({ title: 'A canary', metadata: { canary: 1 }, runExtension: { canary: 2 } })
  const { lastSeq } = (await now(task.id)).task
  await cancelRun(deps, owner, task.id)
  await purgeTask(deps, owner, task.id)
  const then = await readTaskAt(deps, await now(task.id), lastSeq)
  expect(then.run.state).toBe('queued')
  expect(JSON.stringify(then)).not.toContain('canary')
})
