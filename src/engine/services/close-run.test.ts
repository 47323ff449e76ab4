import { afterEach, beforeEach, expect, test } from 'vitest'
import { closingOf } from '../../../test/support/closing-world.ts'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import { addMessage } from '../commands/add-message.ts'
import { cancelRun } from '../commands/cancel-run.ts'
import { closeRun, closeRunsOf, commitClosings, prepareClosing } from './close-run.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await createEngineWorld()
})
afterEach(() => world.close())

async function cancelled() {
  const { task, run } = await world.submit()
  await cancelRun(world.deps, world.owner, task.id)
  return { taskId: task.id, runId: run.id }
}

const countOf = async (runId: string) => (await world.store.countStatements(runId)).closing ?? 0

test('a run that has not ended, and one that is not there, are not closed', async () => {
  const { task, run } = await world.submit()
  expect(await prepareClosing(world.deps, { taskId: task.id, runId: run.id })).toBeUndefined()
  expect(await closeRun(world.deps, { taskId: task.id, runId: 'no-such-run' })).toBe(false)
  expect(await countOf(run.id)).toBe(0)
})

test('a closing says how the run ended, and preparing it writes nothing', async () => {
  const ended = await cancelled()
  const closing = await prepareClosing(world.deps, ended)
  expect(closing).toMatchObject({ runId: ended.runId, returns: undefined })
  expect(await countOf(ended.runId)).toBe(0)
  expect(await closeRun(world.deps, ended)).toBe(true)
  expect(await closingOf(world, { id: ended.runId, taskId: ended.taskId })).toMatchObject({
    outcome: 'cancelled',
    run: ended.runId,
    turn: 1,
  })
})

test('of several that close a run at once one does, and the run leaves the list of those to close', async () => {
  const ended = await cancelled()
  expect(await world.store.listUnclosedRuns(10)).toMatchObject([{ runId: ended.runId }])
  const closed = await Promise.all([1, 2, 3].map(() => closeRun(world.deps, ended)))
  expect(closed.filter(Boolean)).toHaveLength(1)
  expect(await countOf(ended.runId)).toBe(1)
  expect(await world.store.listUnclosedRuns(10)).toEqual([])
})

test('closings are committed together or not at all', async () => {
  const [first, second] = [await cancelled(), await cancelled()]
  const closings = await Promise.all([first, second].map((ended) => prepareClosing(world.deps, ended)))
  const prepared = closings.filter((closing) => closing !== undefined)
  expect(prepared).toHaveLength(2)
  await closeRun(world.deps, second)
  expect(await commitClosings(world.deps, prepared)).toMatchObject({ name: 'unclosedRun' })
  expect(await countOf(first.runId)).toBe(0)
  expect(await commitClosings(world.deps, prepared.slice(0, 1))).toBeUndefined()
  expect(await countOf(first.runId)).toBe(1)
})

test('all ended runs of a task are closed, each once, and the one under way stays open', async () => {
  const { taskId, runId } = await cancelled()
  const { run } = await addMessage(world.deps, world.owner, taskId, { input: { text: 'again' } })
  await closeRunsOf(world.deps, taskId)
  await closeRunsOf(world.deps, taskId)
  expect(await countOf(runId)).toBe(1)
  expect(await countOf(run.id)).toBe(0)
})
