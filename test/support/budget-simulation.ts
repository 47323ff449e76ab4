import { setImmediate } from 'node:timers/promises'
import { createFakeClock } from '../../src/clock/fake/create-fake-clock.ts'
import type { Amounts } from '../../src/domain/budget.ts'
import { isRefusal } from '../../src/domain/refusal.ts'
import { addMessage } from '../../src/engine/commands/add-message.ts'
import { cancelRun } from '../../src/engine/commands/cancel-run.ts'
import { resumeRun } from '../../src/engine/commands/resume-run.ts'
import { stopRun } from '../../src/engine/commands/stop-run.ts'
import { createRunCloser } from '../../src/engine/services/run-closer.ts'
import { rescueRuns } from '../../src/engine/services/run-rescuer.ts'
import { parentOf } from '../../src/engine/submission/parent-task.ts'
import type { Store } from '../../src/store/store.ts'
import { createEngineWorld } from './create-engine-world.ts'
import { createMortalStore } from './mortal-store.ts'
import { createRandomModels, createRandomTools } from './random-models.ts'
import { createSeededRandom, type SeededRandom } from './seeded-random.ts'
import { endAll, markedRandomness, nextId, type SimulatedProcess } from './simulated-process.ts'
import { started } from './started.ts'

/** One process of a server, which can be killed. */
interface Process extends SimulatedProcess {
  readonly closer: () => Promise<void>
  kill(): void
}

/** A random tree of tasks with small budgets, worked on by one process after the other. */
export interface BudgetSimulation {
  readonly store: Store
  /** Of all that was submitted; some was refused. */
  readonly taskIds: readonly string[]
  /** What no process should ever report. */
  readonly errors: readonly unknown[]
  close(): Promise<void>
}

const messages = ['go on', 'and this?', 'x'.repeat(3_000)] as const

/**
 * Lives through `moves` random moves: submits, sub-tasks, further messages, stops, cancels, kills, hand-backs, while models
 * answer and time goes on; then lets everything end and be closed. `quiet` is called where no process is left alive.
 */
export async function simulateBudgets(
  seed: number,
  moves: number,
  quiet: (store: Store, taskIds: readonly string[]) => Promise<void>,
): Promise<BudgetSimulation> {
  const random = createSeededRandom(seed)
  const clock = createFakeClock()
  const errors: unknown[] = []
  const taskIds: string[] = []
  let raw: Store | undefined
  let processes = 0
  const begin = async (): Promise<Process> => {
    let mortal: ReturnType<typeof createMortalStore> | undefined
    const world = await createEngineWorld({
      models: createRandomModels(random, clock),
      tools: createRandomTools(random, clock),
      clock,
      wrapStore: (store) => {
        raw ??= store
        mortal = createMortalStore(store)
        return mortal.store
      },
      ...(raw !== undefined && { beside: { store: raw, clock } }),
    })
    processes += 1
    Object.assign(world.deps, { randomness: markedRandomness(`p${processes}`, random) })
    world.errors.push = (...found) => errors.push(...found)
    await rescueRuns(world.deps)
    await world.deps.dispatcher.start()
    return { world, closer: started(createRunCloser(world.deps)), asked: new Set(), kill: () => mortal?.kill() }
  }
  let process = await begin()
  const store = raw as unknown as Store // the first process has opened it
  for (let move = 0; move < moves; move += 1) {
    if (random.chance(0.05)) {
      const killed = random.chance(0.7)
      if (!killed) await handBack(process)
      process.kill()
      await store.commit({ write: [{ kind: 'put_setting', name: 'barrier', value: `${move}` }] })
      await quiet(store, taskIds)
      process = await begin()
    }
    const { asked } = process
    const moved = moveOnce(process, random, taskIds).catch((error: unknown) => {
      if (!isRefusal(error)) errors.push(error)
    })
    asked.add(moved)
    void moved.then(() => asked.delete(moved))
    if (random.chance(0.6)) clock.advance(random.pick([0, 5, 20, 300, 2_000, 60_000]))
    if (random.chance(0.01)) clock.advance(7_200_000)
    for (let turns = random.whole(0, 15); turns > 0; turns -= 1) await setImmediate()
  }
  await endAll(process, taskIds)
  await handBack(process)
  return { store, taskIds, errors, close: () => store.close() }
}

/** As a server ends: no more requests, then no more work. */
async function handBack({ world, closer, asked }: Process): Promise<void> {
  await Promise.all(asked)
  await closer()
  await world.stop()
}

async function moveOnce({ world }: Process, random: SeededRandom, taskIds: string[]): Promise<void> {
  const { deps, owner } = world
  const id = taskIds[random.whole(0, taskIds.length - 1)]
  const kind = random.fraction()
  if (id === undefined || (kind < 0.1 && taskIds.length < 16)) {
    await world.submit({ taskId: nextId(taskIds), budget: randomBudget(random) })
  } else if (kind < 0.4 && taskIds.length < 16) {
    const parent = await world.store.readSnapshot(id)
    if (parent === undefined) return
    const budget = random.chance(0.5) ? {} : randomBudget(random)
    await world.submit({ taskId: nextId(taskIds), parent: parentOf(parent), budget })
  } else if (kind < 0.6) {
    await addMessage(deps, owner, id, { input: { text: random.pick(messages) } })
  } else if (kind < 0.7) {
    await stopRun(deps, owner, id)
  } else if (kind < 0.8) {
    await resumeRun(deps, owner, id)
  } else if (kind < 0.84) {
    await cancelRun(deps, owner, id)
  }
}

function randomBudget(random: SeededRandom): Amounts {
  return {
    micros_usd: random.pick([0, 10, 2_000, 30_000, 10_000_000]),
    tokens: random.pick([100, 700, 4_000, 60_000, 10_000_000]),
    steps: random.pick([1, 2, 5, 100]),
  }
}
