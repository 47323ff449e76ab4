import { afterEach, expect, test } from 'vitest'
import {
  createEngineWorld,
  type EngineWorld,
  type EngineWorldOptions,
} from '../../../test/support/create-engine-world.ts'
import { type Amounts, noAmounts, openLedger } from '../../domain/budget.ts'
import type { Task } from '../../domain/task.ts'
import { openBudget, sliceAgain } from './open-budget.ts'
import { parentOf } from './parent-task.ts'

let world: EngineWorld
afterEach(() => world.close())

async function open(limits: EngineWorldOptions['limits'] = {}) {
  world = await createEngineWorld({ limits })
}

const budget: Amounts = { micros_usd: 1_001, tokens: 2_001, steps: 7 }
const half: Amounts = { micros_usd: 500, tokens: 1_000, steps: 3 }
const twiceHalf: Amounts = { micros_usd: 1_000, tokens: 2_000, steps: 6 }

async function openBelow(parentBudget: Amounts, requested?: Partial<Amounts>) {
  const parent = parentOf(await world.submit({ budget: parentBudget }))
  return { parent, opened: await openBudget(world.deps, { budget: requested, parent }) }
}

test('amounts that are not named have their default, or the limit where that was lowered below it', async () => {
  await open({ budget_cents_default: 50, budget_tokens_default: 1_000, budget_steps_default: 20, budget_steps_max: 10 })
  const { amounts, require, lend } = await openBudget(world.deps, {})
  expect(amounts).toEqual({ micros_usd: 500_000, tokens: 1_000, steps: 10 })
  expect([require, lend('task-1')]).toEqual([[], []])
  const named = await openBudget(world.deps, { budget: { tokens: 5 } })
  expect(named.amounts).toEqual({ micros_usd: 500_000, tokens: 5, steps: 10 })
})

test.each([
  ['budget_cents_max', { micros_usd: 20_000 }, { micros_usd: 20_001 }],
  ['budget_tokens_max', { tokens: 30 }, { tokens: 31 }],
  ['budget_steps_max', { steps: 4 }, { steps: 5 }],
] as const)('a budget above %s is refused by its name', async (limit, most, more) => {
  await open({ budget_cents_max: 2, budget_tokens_max: 30, budget_steps_max: 4 })
  await expect(openBudget(world.deps, { budget: most })).resolves.toMatchObject({ amounts: most })
  await expect(openBudget(world.deps, { budget: more })).rejects.toMatchObject({ code: 'invalid_input', limit })
})

test('a sub-task gets half of what its parent has left, which must still be left when it is committed', async () => {
  await open()
  const { parent, opened } = await openBelow(budget)
  expect(opened.amounts).toEqual(half)
  expect(opened.require).toEqual([{ name: 'withinBudget', task: parent.id, amounts: twiceHalf }])
  const [lent] = opened.lend('task-1')
  expect(lent).toMatchObject({
    after: { task: { id: parent.id } },
    events: [{ kind: 'budget.transferred', facts: { to: 'task-1', amounts: half } }],
  })
})

test('a sub-task gets what was asked for where its parent has that left, and is refused where not', async () => {
  await open()
  const { parent, opened } = await openBelow(budget, { steps: 7 })
  expect(opened.amounts).toEqual({ ...half, steps: 7 })
  expect(opened.require).toEqual([{ name: 'withinBudget', task: parent.id, amounts: { ...twiceHalf, steps: 7 } }])
  for (const requested of [{ steps: 8 }, { tokens: 2_002 }, { micros_usd: 1_002 }, { steps: 0 }]) {
    await expect(openBudget(world.deps, { budget: requested, parent })).rejects.toMatchObject({
      code: 'budget_exhausted',
    })
  }
})

test('a parent whose half is no whole step or token has too little left', async () => {
  await open()
  await expect(openBelow({ ...budget, steps: 1 })).rejects.toMatchObject({ code: 'budget_exhausted' })
  await expect(openBelow({ ...budget, tokens: 1 })).rejects.toMatchObject({ code: 'budget_exhausted' })
  const { opened } = await openBelow({ micros_usd: 0, tokens: 2, steps: 2 })
  expect(opened.amounts).toEqual({ micros_usd: 0, tokens: 1, steps: 1 })
})

test('the slice follows from what the parent has left now, and not when it was read', async () => {
  await open()
  const parent = parentOf(await world.submit({ budget }))
  await world.submit({ parent })
  const { amounts } = await openBudget(world.deps, { parent })
  expect(amounts).toEqual({ micros_usd: 250, tokens: 500, steps: 2 })
})

/** Slices again for a sub-task whose own budget is `own`. */
async function slicedAgain(own: Amounts, parentBudget = budget) {
  const parent = await world.submit({ budget: parentBudget })
  const child = await world.submit({ parent: parentOf(parent), budget: { micros_usd: 0, tokens: 1, steps: 1 } })
  const task: Task = { ...child.task, ledger: openLedger(own) }
  return { parent, child, slice: await sliceAgain(world.deps, task, 'run-2') }
}

test('a further run of a sub-task that has nothing left gets half of what its parent has left', async () => {
  await open()
  const { parent, child, slice } = await slicedAgain(noAmounts)
  const amounts = { micros_usd: 500, tokens: 1_000, steps: 3 }
  expect(slice).toMatchObject({
    parentCapabilities: ['*'],
    parentPolicy: 'default',
    granted: { kind: 'budget.granted', run: 'run-2', facts: { from: parent.task.id, amounts, labels: [] } },
    require: [
      { name: 'journalAt', task: child.task.id, seq: child.task.lastSeq },
      { name: 'withinBudget', task: parent.task.id, amounts: { micros_usd: 1_000, tokens: 2_000, steps: 6 } },
    ],
    lent: [{ events: [{ facts: { to: child.task.id, amounts } }] }],
  })
})

test('a further run of a sub-task that has something left takes nothing, and only while that does not go back', async () => {
  await open()
  const { child, slice } = await slicedAgain({ micros_usd: 0, tokens: 1, steps: 1 })
  expect(slice).toMatchObject({ granted: { facts: { amounts: noAmounts } }, lent: [] })
  expect(slice?.require).toEqual([{ name: 'journalAt', task: child.task.id, seq: child.task.lastSeq }])
})

test('a further run below an exhausted parent is refused, and a task without a parent is not sliced', async () => {
  await open()
  await expect(slicedAgain(noAmounts, { micros_usd: 9, tokens: 2_000, steps: 2 })).rejects.toMatchObject({
    code: 'budget_exhausted',
  })
  const { task } = await world.submit()
  expect(await sliceAgain(world.deps, task, 'run-2')).toBeUndefined()
})
