import { afterEach, expect, test } from 'vitest'
import { createAskingModels } from '../../../test/support/asking-models.ts'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import { createAskQuestion } from '../../tool/builtin/ask-question/create-ask-question.ts'
import { type AccessedTask, fullyShown } from '../access/read-task.ts'
import { replyToQuestion } from '../commands/reply-to-question.ts'
import { readAskingTask, readOpenPrompts } from './read-open-prompts.ts'

let world: EngineWorld
afterEach(() => world.close())

/** A task before its run asked something, and while it waits for the answer. */
async function waiting() {
  world = await createEngineWorld({ models: createAskingModels({ question: 'Which?' }), tools: [createAskQuestion()] })
  const { task, ...rest } = await world.submit({ askQuestion: true })
  await world.deps.dispatcher.start()
  await world.event(task.id, 'run.waiting')
  const read = async () => {
    const snapshot = await world.store.readSnapshot(task.id)
    if (snapshot === undefined) throw new Error('The task is gone.')
    return fullyShown(snapshot)
  }
  return { before: fullyShown({ task, ...rest }), now: await read(), read }
}

/** Reads these one after the other, and then as it is. */
const inTurn = (snapshots: readonly AccessedTask[], read: () => Promise<AccessedTask>) => {
  const rest = [...snapshots]
  let reads = 0
  const next = async () => {
    reads += 1
    return rest.shift() ?? (await read())
  }
  return { next, count: () => reads }
}

test('a question that was asked after the task was read is shown with the task that asks it', async () => {
  const { before, now, read } = await waiting()
  const { snapshot, open } = await readAskingTask(world.deps, inTurn([before], read).next)
  expect(snapshot.task.lastSeq).toBe(now.task.lastSeq)
  expect(open).toMatchObject([{ prompt: { kind: 'question', state: 'open' }, items: [{ question: 'Which?' }] }])
})

test('a task whose question was answered after it was read is not shown as one that waits and asks nothing', async () => {
  const { now, read } = await waiting()
  await replyToQuestion(world.deps, world.owner, now.task.id, { text: 'this', field: 'message' })
  await world.event(now.task.id, 'run.succeeded')
  const { snapshot, open } = await readAskingTask(world.deps, inTurn([now], read).next)
  expect([snapshot.run.state, open]).toEqual(['succeeded', []])
})

test('a task that changes all the time is read a bounded number of times, and one that asks nothing once', async () => {
  const { before, now, read } = await waiting()
  const changing = inTurn([now, before, now, before, now, before, now, before], read)
  await readAskingTask(world.deps, changing.next)
  expect(changing.count()).toBe(6)
  await replyToQuestion(world.deps, world.owner, now.task.id, { text: 'this', field: 'message' })
  await world.event(now.task.id, 'run.succeeded')
  const ended = inTurn([], read)
  await readAskingTask(world.deps, ended.next)
  expect(ended.count()).toBe(1)
})

test('whoever is only shown the task is shown nothing that it asks', async () => {
  const { now } = await waiting()
  expect(await readOpenPrompts(world.deps, { ...now, access: 'shared' })).toEqual([])
  expect(await readOpenPrompts(world.deps, now)).toHaveLength(1)
})
