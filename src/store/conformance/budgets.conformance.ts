import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  claimed,
  continuation,
  oneStepRun,
  type SampleTask,
  sampleAt,
  sampleBudget,
  sampleTask,
  stepStarted,
  submission,
} from '../../../test/support/sample-tasks.ts'
import {
  type Amounts,
  covers,
  type Ledger,
  type LedgerMove,
  moveLedger,
  noAmounts,
  openLedger,
} from '../../domain/budget.ts'
import type { NewEvent } from '../../domain/event.ts'
import { ledgerMoveOfAll, noMove } from '../../domain/ledger-moves.ts'
import { append, notHeld, withinBudget } from '../commit.ts'
import type { Store } from '../store.ts'
import type { WithStore } from './with-store.conformance.ts'

const amounts = (micros_usd: number, tokens: number, steps: number): Amounts => ({ micros_usd, tokens, steps })

async function submitted(store: Store, budget = sampleBudget) {
  const sample = sampleTask({ budget })
  await store.commit(submission(sample))
  return sample
}

async function ledgerOf(store: Store, task: string): Promise<Ledger | undefined> {
  return (await store.readTask(task))?.ledger
}

const anyAmounts = fc.record({
  micros_usd: fc.integer({ min: -100, max: 100 }),
  tokens: fc.integer({ min: -100, max: 100 }),
  steps: fc.integer({ min: -3, max: 3 }),
})
const anyMove: fc.Arbitrary<LedgerMove> = fc.record({
  cap: fc.oneof(fc.constant(noAmounts), anyAmounts),
  spent: anyAmounts,
  reserved: anyAmounts,
  lent: fc.oneof(fc.constant(noAmounts), anyAmounts),
  releasesAll: fc.boolean(),
})

export function describeBudgets(withStore: WithStore): void {
  describe('a ledger', () => {
    test(
      'begins with the budget of its task, and follows the events of its journal',
      withStore(async (store) => {
        const { task, run } = await submitted(store)
        expect(await ledgerOf(store, task.id)).toEqual(openLedger(sampleBudget))
        const start = continuation({ task, run }, [claimed(run.id, 1), stepStarted(run.id, 1, 1)])
        await store.commit(start.commit)
        const reserved = amounts(100, 500, 0)
        expect(await ledgerOf(store, task.id)).toEqual({
          ...openLedger(sampleBudget),
          reserved,
          spent: amounts(0, 0, 1),
        })
        const end = oneStepRun(start.after)
        await store.commit(end.commit)
        expect(await ledgerOf(store, task.id)).toEqual(end.after.task.ledger)
        expect(end.after.task.ledger).toMatchObject({ reserved: noAmounts, spent: amounts(7, 11, 2) })
      }),
    )

    test(
      'that a new task comes with is not moved again by the same commit',
      withStore(async (store) => {
        const begin = ({ run }: SampleTask): NewEvent[] => [claimed(run.id, 1), stepStarted(run.id, 1, 1)]
        const facts = { to: 'another', amounts: amounts(10, 20, 1) }
        const lend = ({ run }: SampleTask): NewEvent => ({ ...claimed(run.id, 1), kind: 'budget.transferred', facts })
        for (const next of [begin, (sample: SampleTask) => [...begin(sample), lend(sample)]]) {
          const sample = sampleTask()
          const { id } = sample.task
          const events = next(sample)
          const { after } = continuation(sample, events)
          const move = ledgerMoveOfAll(events)
          if (move === undefined) throw new Error('A step moves the ledger.')
          await store.commit({
            write: [
              { kind: 'insert_task', task: after.task, run: after.run },
              append(id, [...sample.events, ...events]),
              { kind: 'move_ledger', task: id, move },
            ],
          })
          expect(await ledgerOf(store, id)).toEqual(after.task.ledger)
          expect(after.task.ledger.reserved).toEqual(amounts(100, 500, 0))
        }
      }),
    )

    test(
      'moves by differences, so that what two writers commit at once both counts',
      withStore(async (store) => {
        const { task, run } = await submitted(store)
        const lend = { ...noMove, lent: amounts(10, 20, 1) }
        const spend = { ...noMove, spent: amounts(1, 2, 0) }
        await Promise.all(
          Array.from({ length: 20 }, (_, index) =>
            store.commit({
              write: [
                append(task.id, [stepStarted(run.id, 1, index)]),
                { kind: 'move_ledger', task: task.id, move: index % 2 === 0 ? lend : spend },
              ],
            }),
          ),
        )
        expect(await ledgerOf(store, task.id)).toEqual({
          ...openLedger(sampleBudget),
          lent: amounts(100, 200, 10),
          spent: amounts(10, 20, 0),
        })
      }),
    )

    test(
      'moves as the domain says, with and without events, one or several times in a commit (property)',
      withStore(async (store) => {
        const script = fc.array(fc.record({ moves: fc.array(anyMove, { maxLength: 3 }), events: fc.boolean() }), {
          maxLength: 12,
        })
        await fc.assert(
          fc.asyncProperty(script, async (commits) => {
            const { task, run } = await submitted(store)
            let expected = task.ledger
            for (const { moves, events } of commits) {
              const writes = moves.map((move) => ({ kind: 'move_ledger', task: task.id, move }) as const)
              const appended = events ? [append(task.id, [stepStarted(run.id, 1, 1)])] : []
              await store.commit({ write: [...writes, ...appended] })
              expected = moves.reduce(moveLedger, expected)
            }
            expect(await ledgerOf(store, task.id)).toEqual(expected)
            expect((await store.readSnapshot(task.id))?.task.ledger).toEqual(expected)
          }),
          { numRuns: 40 },
        )
      }),
    )
  })

  describe('withinBudget', () => {
    test(
      'holds exactly where the domain says that the ledger covers it (property)',
      withStore(async (store) => {
        const { task } = await submitted(store, noAmounts)
        let ledger = openLedger(noAmounts)
        await fc.assert(
          fc.asyncProperty(anyMove, anyAmounts, async (move, wanted) => {
            await store.commit({ write: [{ kind: 'move_ledger', task: task.id, move }] })
            ledger = moveLedger(ledger, move)
            const { committed } = await store.commit({ require: [withinBudget(task.id, wanted)], write: [] })
            expect(committed).toBe(covers(ledger, wanted))
          }),
          { numRuns: 200 },
        )
      }),
    )

    test(
      'lets no more of many at once through than the budget holds',
      withStore(async (store) => {
        const { task, run } = await submitted(store, amounts(1_000, 1_000_000, 100))
        const reserved = { micros_usd: 300, tokens: 10 }
        const wanted = { ...reserved, steps: 1 }
        const outcomes = await Promise.all(
          Array.from({ length: 10 }, (_, step) => {
            const { commit } = continuation({ task, run }, [stepStarted(run.id, 1, step, sampleAt, reserved)])
            return store.commit({ ...commit, require: [withinBudget(task.id, wanted)] })
          }),
        )
        expect(outcomes.filter(({ committed }) => committed)).toHaveLength(3)
        const refused = outcomes.find(({ committed }) => !committed)
        expect(refused).toMatchObject({ refused: withinBudget(task.id, wanted) })
        expect(await ledgerOf(store, task.id)).toMatchObject({ reserved: amounts(900, 30, 0) })
      }),
    )

    test(
      'does not hold for a task that is not there, nor does notHeld',
      withStore(async (store) => {
        for (const require of [withinBudget('absent', noAmounts), notHeld('absent')]) {
          expect(await store.commit({ require: [require], write: [] })).toMatchObject({ committed: false })
        }
      }),
    )
  })
}
