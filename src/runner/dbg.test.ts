import fc from 'fast-check'
import { expect, test } from 'vitest'
import { simulateBudgets } from '../../test/support/budget-simulation.ts'
import {
  type Amounts,
  addAmounts,
  availableOf,
  covers,
  type Ledger,
  moveLedger,
  noAmounts,
  openLedger,
  takenBy,
} from '../domain/budget.ts'
import type { JournalEvent } from '../domain/event.ts'
import { ledgerMoveOf, reserves } from '../domain/ledger-moves.ts'
import { isTerminal } from '../domain/run-state.ts'
import type { Task } from '../domain/task.ts'
import { checkBudget } from '../proof/package/check-budget.ts'
import { readTaskRecord } from '../proof/package/task-record.ts'
import type { Store } from '../store/store.ts'

const names = ['micros_usd', 'tokens', 'steps'] as const

test('no budget is passed and nothing of it leaks, whatever tasks do and wherever the server is killed', async () => {
  const seeds = fc.integer({ min: 0, max: 2 ** 31 })
  await fc.assert(
    fc.asyncProperty(seeds, async (seed) => {
      const simulation = await simulateBudgets(seed, 120, async (store, taskIds) => {
        await checkTree(await readTree(store, taskIds))
      })
      try {
        expect(simulation.errors).toEqual([])
        const tree = await readTree(simulation.store, simulation.taskIds)
        checkTree(tree)
        checkClosed(tree)
      } finally {
        await simulation.close()
      }
    }),
    { numRuns: 250, endOnFailure: true },
  )
}, 120_000)

interface KeptTask {
  readonly task: Task
  readonly overdrawn: boolean
  readonly events: readonly JournalEvent[]
}

async function readTree(store: Store, taskIds: readonly string[]): Promise<KeptTask[]> {
  const kept = await Promise.all(
    taskIds.map(async (id) => {
      const snapshot = await store.readSnapshot(id)
      if (snapshot === undefined) return []
      const events: JournalEvent[] = []
      for (let more = true; more; ) {
        const page = await store.readEvents(id, events.length, 1_000)
        events.push(...page)
        more = page.length === 1_000
      }
      const ledger = checkJournal(events)
      expect(snapshot.task.ledger, `the row of ${id}`).toEqual(ledger)
      if (isTerminal(snapshot.run.state)) expect(ledger.reserved).toEqual(noAmounts)
      const overdrawn = events.some(({ kind }) => kind === 'budget.overdrawn')
      return [{ task: snapshot.task, overdrawn, events }]
    }),
  )
  return kept.flat()
}

/** What must hold at each prefix of a journal; answers with its ledger. */
function checkJournal(events: readonly JournalEvent[]): Ledger {
  const [submitted] = events
  if (submitted?.kind !== 'task.submitted') throw new Error('the journal does not begin as one does')
  let ledger = openLedger(submitted.facts.budget)
  let overdrawn = false
  for (const [i, event] of events.entries()) {
    const where = `${event.seq} ${event.kind}`
    const move = ledgerMoveOf(event)
    if (move !== undefined && reserves([event])) expect(covers(ledger, takenBy(move)), where).toBe(true)
    if (move !== undefined) ledger = moveLedger(ledger, move)
    for (const part of Object.values(ledger) as Amounts[]) {
      for (const name of names) expect(part[name], `${where}: ${name}`).toBeGreaterThanOrEqual(0)
    }
    overdrawn ||= event.kind === 'budget.overdrawn' || events[i + 1]?.kind === 'budget.overdrawn'
    const left = availableOf(ledger)
    if (!overdrawn) for (const name of names) expect(left[name], `${where}: ${name}`).toBeGreaterThanOrEqual(0)
    if (event.kind === 'budget.overdrawn') expect(events[i + 1]?.kind, where).toBe('run.failed')
  }
  // The reader of audit packages has its own rules: what is let go is what was reserved.
  checkBudget(readTaskRecord('task', events))
  return ledger
}

const sum = (amounts: readonly Amounts[]) => amounts.reduce(addAmounts, noAmounts)
const childrenOf = (tree: readonly KeptTask[], id: string) => tree.filter(({ task }) => task.parentId === id)

/** Whatever is lent is what the sub-tasks have: nothing is created on the way, nothing is lost. */
function checkTree(tree: readonly KeptTask[]): void {
  for (const { task } of tree) {
    const caps = childrenOf(tree, task.id).map((child) => child.task.ledger.cap)
    expect(task.ledger.lent, `lent by ${task.id}`).toEqual(sum(caps))
  }
}

/** Where all is closed, a sub-task has used what it kept, and a root's account is that of its whole tree. */
function checkClosed(tree: readonly KeptTask[]): void {
  const below = (id: string): readonly KeptTask[] =>
    tree.flatMap((kept) =>
      kept.task.id === id ? [kept, ...childrenOf(tree, id).flatMap((c) => below(c.task.id))] : [],
    )
  for (const { task, overdrawn } of tree) {
    const left = availableOf(task.ledger)
    if (task.parentId !== null) {
      for (const name of names) expect(left[name], `left to ${task.id}`).toBeLessThanOrEqual(0)
      if (!overdrawn) expect(left, `left to ${task.id}`).toEqual(noAmounts)
      continue
    }
    const all = below(task.id)
    const spent = sum(all.map((kept) => kept.task.ledger.spent))
    const accounted = addAmounts(task.ledger.spent, task.ledger.lent)
    if (all.slice(1).some((kept) => kept.overdrawn)) {
      for (const name of names) expect(accounted[name]).toBeLessThanOrEqual(spent[name])
    } else {
      expect(accounted, `all below ${task.id}`).toEqual(spent)
    }
  }
}
