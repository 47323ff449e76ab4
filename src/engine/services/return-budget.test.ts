import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { watchCloser } from '../../../test/support/closing-world.ts'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import { createScriptedTool } from '../../../test/support/scripted-tool.ts'
import { createUnevenStore } from '../../../test/support/uneven-store.ts'
import {
  type Amounts,
  addAmounts,
  availableOf,
  type Ledger,
  moveLedger,
  noAmounts,
  openLedger,
} from '../../domain/budget.ts'
import type { NewEvent } from '../../domain/event.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import { ledgerMoveOf } from '../../domain/ledger-moves.ts'
import { isRefusal } from '../../domain/refusal.ts'
import { isTerminal } from '../../domain/run-state.ts'
import { recordAndCommit } from '../../journal/commit-events.ts'
import { runIs, withinBudget } from '../../store/commit.ts'
import type { Store } from '../../store/store.ts'
import { cancelRun } from '../commands/cancel-run.ts'
import { parentOf } from '../submission/parent-task.ts'
import { closeRun } from './close-run.ts'

let world: EngineWorld
afterEach(() => world.close())

const amounts = (n: number): Amounts => ({ micros_usd: n, tokens: 10 * n, steps: n })

async function read(taskId: string): Promise<TaskSnapshot> {
  const snapshot = await world.store.readSnapshot(taskId)
  if (snapshot === undefined) throw new Error('the task is gone')
  return snapshot
}

async function submitBelow(parentId: string, budget: Amounts) {
  return await world.submit({ parent: parentOf(await read(parentId)), budget })
}

/** Ends a run that nobody carries out. */
async function end(taskId: string): Promise<boolean> {
  const snapshot = await read(taskId)
  const { run } = snapshot
  if (isTerminal(run.state)) return false
  const at = world.clock.now()
  const facts = { error: { code: 'test', message: 'ended' } }
  const event: NewEvent = { kind: 'run.failed', run: run.id, attempt: null, at, facts, contents: {} }
  return (await recordAndCommit(world.deps, snapshot, [event], { require: [runIs(run.id, [run.state])] })) !== undefined
}

/** Uses up a part of a budget, where it is there. */
async function spend(taskId: string, microsUsd: number) {
  const snapshot = await read(taskId)
  const { run } = snapshot
  if (isTerminal(run.state)) return
  const facts = { step: 1, action: 'a', outcome: 'unknown' as const, duration_ms: 0 }
  const event: NewEvent = {
    kind: 'action.settled',
    run: run.id,
    attempt: null,
    at: world.clock.now(),
    facts: { ...facts, cost_micros_usd: microsUsd, released_micros_usd: 0 },
    contents: {},
  }
  await recordAndCommit(world.deps, snapshot, [event], {
    require: [runIs(run.id, ['queued']), withinBudget(taskId, { ...noAmounts, micros_usd: microsUsd })],
  })
}

/** Begins a further run of a task that has ended. */
async function queueAgain(taskId: string) {
  const snapshot = await read(taskId)
  const { run } = snapshot
  const queued = (await world.events(taskId)).find(({ kind }) => kind === 'run.queued')
  if (queued?.kind !== 'run.queued') throw new Error('it was never queued')
  const { seq: _, ...first } = queued
  const again = { ...first, run: `${run.id}-again`, facts: { ...queued.facts, turn: run.turn + 1 } }
  await recordAndCommit(world.deps, snapshot, [again])
}

/** A root, a child and a grandchild; `between` is done once, right before the commit that closes the grandchild. */
async function closeGrandchildLate(between: (childId: string) => Promise<unknown>) {
  let runId = ''
  let childId = ''
  const wrapStore = (store: Store): Store => ({
    ...store,
    async commit(commit) {
      if (runId !== '' && commit.write.some((write) => write.kind === 'close_run' && write.run === runId)) {
        runId = ''
        await between(childId)
      }
      return await store.commit(commit)
    },
  })
  world = await createEngineWorld({ wrapStore })
  const root = await world.submit({ budget: amounts(100) })
  const child = await submitBelow(root.task.id, amounts(60))
  const grandchild = await submitBelow(child.task.id, amounts(30))
  return {
    root,
    child,
    async close() {
      await end(grandchild.task.id)
      runId = grandchild.run.id
      childId = child.task.id
      expect(await closeTask(grandchild.task.id)).toBe(true)
      return { root: (await read(root.task.id)).task.ledger, child: (await read(child.task.id)).task.ledger }
    },
  }
}

const closeTask = async (taskId: string) => closeRun(world.deps, { taskId, runId: (await read(taskId)).run.id })

test('what a sub-task has left goes back to its parent in the commit that closes it', async () => {
  world = await createEngineWorld()
  const root = await world.submit({ budget: amounts(100) })
  const child = await submitBelow(root.task.id, amounts(40))
  await spend(child.task.id, 15)
  await end(child.task.id)
  const commits: string[][] = []
  const { commit } = world.store
  world.store.commit = (made) => {
    commits.push(made.write.map(({ kind }) => kind))
    return commit(made)
  }
  expect(await closeTask(child.task.id)).toBe(true)
  expect(commits).toHaveLength(1)
  expect(commits[0]).toEqual(['add_statements', 'close_run', 'append', 'move_ledger', 'append', 'move_ledger'])
  const left = { micros_usd: 25, tokens: 400, steps: 40 }
  expect((await world.events(child.task.id)).at(-1)).toMatchObject({
    kind: 'budget.released',
    facts: { to: root.task.id, amounts: left },
  })
  expect((await world.events(root.task.id)).at(-1)).toMatchObject({
    kind: 'budget.returned',
    facts: { from: child.task.id, amounts: left, labels: [] },
  })
  expect((await read(root.task.id)).task.ledger.lent).toEqual({ micros_usd: 15, tokens: 0, steps: 0 })
  expect(availableOf((await read(child.task.id)).task.ledger)).toEqual(noAmounts)
  expect(await closeTask(child.task.id)).toBe(false)
})

test('a sub-task that was overdrawn gives back nothing of what it has too little of', async () => {
  world = await createEngineWorld()
  const root = await world.submit({ budget: amounts(100) })
  const child = await submitBelow(root.task.id, amounts(10))
  await spend(child.task.id, 9)
  const overdrawn = await read(child.task.id)
  const event = (await world.events(overdrawn.task.id)).at(-1)
  await recordAndCommit(world.deps, overdrawn, [event as NewEvent])
  await end(overdrawn.task.id)
  await closeTask(overdrawn.task.id)
  expect((await world.events(root.task.id)).at(-1)?.facts).toMatchObject({
    amounts: { micros_usd: 0, tokens: 100, steps: 10 },
  })
})

test('what comes back to a parent that has ended is passed on to the first that is open', async () => {
  world = await createEngineWorld()
  const root = await world.submit({ budget: amounts(100) })
  const child = await submitBelow(root.task.id, amounts(60))
  const grandchild = await submitBelow(child.task.id, amounts(30))
  await end(child.task.id)
  await closeTask(child.task.id)
  expect((await read(root.task.id)).task.ledger.lent).toEqual(amounts(30))
  await end(grandchild.task.id)
  await closeTask(grandchild.task.id)
  expect((await read(root.task.id)).task.ledger).toEqual(openLedger(amounts(100)))
  const passed = (await world.events(child.task.id)).slice(-2)
  expect(passed.map(({ kind }) => kind)).toEqual(['budget.returned', 'budget.released'])
  expect(passed[1]?.facts).toEqual({ to: root.task.id, amounts: amounts(30) })
})

test('a root that has ended keeps what comes back', async () => {
  world = await createEngineWorld()
  const root = await world.submit({ budget: amounts(100) })
  const child = await submitBelow(root.task.id, amounts(60))
  await cancelRun(world.deps, world.owner, root.task.id)
  const closer = watchCloser(world)
  await closer.closes(child.run.id)
  await closer.closes(root.run.id)
  await closer.stop()
  expect((await read(root.task.id)).task.ledger).toEqual(openLedger(amounts(100)))
})

test('a sub-task that has begun a further run gives back nothing until that has ended', async () => {
  world = await createEngineWorld()
  const root = await world.submit({ budget: amounts(100) })
  const child = await submitBelow(root.task.id, amounts(60))
  await end(child.task.id)
  const first = child.run.id
  const { task } = child
  await queueAgain(task.id)
  await closeRun(world.deps, { taskId: task.id, runId: first })
  expect((await read(root.task.id)).task.ledger.lent).toEqual(amounts(60))
  await end(task.id)
  await closeTask(task.id)
  expect((await read(root.task.id)).task.ledger.lent).toEqual(noAmounts)
})

test('what comes back to a parent that ends meanwhile is passed on', async () => {
  const family = await closeGrandchildLate(async (child) => {
    await end(child)
    await closeTask(child)
  })
  expect((await family.close()).root).toEqual(openLedger(amounts(100)))
})

test('what comes back to a parent that begins a further run meanwhile is for that run', async () => {
  const family = await closeGrandchildLate(queueAgain)
  await end(family.child.task.id)
  const { root, child } = await family.close()
  expect(child).toEqual(openLedger(amounts(60)))
  expect(root.lent).toEqual(amounts(60))
})

test('a parent that is running has the rest and the labels of its sub-task at its next step', async () => {
  let parentId = ''
  let childId = ''
  const tool = createScriptedTool('split', async () => {
    const child = await world.submit({ parent: parentOf(await read(parentId)), agentId: 'agent-1' })
    childId = child.task.id
    await world.attemptEnded(child.run.id)
    await closeTask(childId)
    return 'done'
  })
  const reads = createScriptedTool('read_it', () => 'secret', { labels: ['phi'] })
  const call = (name: string) => ({ tool: name, input: { text: 'x' } })
  world = await createEngineWorld({
    steps: [{ calls: [call('split')] }, { calls: [call('read_it')] }, { text: 'child done' }, { text: 'done' }],
    tools: [tool, reads],
  })
  await world.deps.dispatcher.start()
  const parent = await world.submit({ taskId: 'parent' })
  parentId = parent.task.id
  await world.attemptEnded(parent.run.id)
  const events = await world.events(parentId)
  const back = events.find((event) => event.kind === 'budget.returned')
  expect(back?.facts).toMatchObject({ from: childId, labels: ['phi'] })
  const { task, run } = await read(parentId)
  expect(run.state).toBe('succeeded')
  const child = (await read(childId)).task.ledger
  expect(task.ledger.lent).toEqual(child.spent)
  expect(task.ledger.reserved).toEqual(noAmounts)
})

type Op = { readonly kind: 'submit' | 'spend' | 'end' | 'close'; readonly pick: number; readonly n: number }

const anyOp: fc.Arbitrary<Op> = fc.record({
  kind: fc.constantFrom('submit' as const, 'submit' as const, 'spend' as const, 'end' as const, 'close' as const),
  pick: fc.nat({ max: 50 }),
  n: fc.integer({ min: 1, max: 60 }),
})

const cap = amounts(200)

/** What all tasks of a tree have and have used, and what each gave to those below it. */
async function checkTree(ids: readonly string[]) {
  const tasks = await Promise.all(ids.map(async (id) => (await read(id)).task))
  let total = noAmounts
  for (const { id, ledger } of tasks) {
    total = [total, ledger.spent, ledger.reserved, availableOf(ledger)].reduce(addAmounts)
    const below = tasks.filter(({ parentId }) => parentId === id).map((task) => task.ledger.cap)
    expect(ledger.lent, `lent by ${id}`).toEqual(below.reduce(addAmounts, noAmounts))
    const left = availableOf(ledger)
    expect(Math.min(left.micros_usd, left.tokens, left.steps), `left of ${id}`).toBeGreaterThanOrEqual(0)
    expect(await foldedLedger(id), `the fold of ${id}`).toEqual(ledger)
  }
  expect(total).toEqual(cap)
}

async function foldedLedger(taskId: string): Promise<Ledger> {
  let ledger = openLedger(noAmounts)
  for (const event of await world.events(taskId)) {
    if (event.kind === 'task.submitted') ledger = openLedger(event.facts.budget)
    const move = ledgerMoveOf(event)
    if (move !== undefined) ledger = moveLedger(ledger, move)
  }
  return ledger
}

test('in any tree, whatever is done at once, what was spent and what is left is the cap of the root, and the root has it in the end', async () => {
  const uneven = createUnevenStore()
  world = await createEngineWorld({ wrapStore: uneven.wrap, agent: { tools: [] } })
  const perform = async (ids: string[], { kind, pick, n }: Op) => {
    const id = ids[pick % ids.length] ?? ''
    if (kind === 'submit') {
      const child = await submitBelow(id, amounts(n)).catch((error: unknown) => {
        if (!isRefusal(error, 'budget_exhausted')) throw error
      })
      if (child !== undefined) ids.push(child.task.id)
    } else if (kind === 'spend') await spend(id, n)
    else if (kind === 'end') await end(id)
    else await closeTask(id)
  }
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 2_000_000_000 }),
      fc.array(fc.array(anyOp, { minLength: 1, maxLength: 5 }), { maxLength: 10 }),
      async (seed, rounds) => {
        uneven.reseed(seed)
        const root = await world.submit({ budget: cap })
        const ids = [root.task.id]
        for (const round of rounds) {
          await Promise.all(round.map((op) => perform(ids, op)))
          await checkTree(ids)
        }
        await Promise.all(ids.map(async (id, i) => (i % 2 ? closeTask(id) : end(id))))
        for (const id of ids) await end(id)
        await Promise.all(ids.map(closeTask))
        await checkTree(ids)
        const tasks = await Promise.all(ids.map(async (id) => (await read(id)).task))
        for (const { parentId, ledger } of tasks) if (parentId !== null) expect(availableOf(ledger)).toEqual(noAmounts)
        const spent = tasks.reduce((sum, { ledger }) => addAmounts(sum, ledger.spent), noAmounts)
        expect(addAmounts(spent, availableOf((await read(root.task.id)).task.ledger))).toEqual(cap)
      },
    ),
    { numRuns: 60 },
  )
  expect(await world.store.listUnclosedRuns(10)).toEqual([])
}, 60_000)
